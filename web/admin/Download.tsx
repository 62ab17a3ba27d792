import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useApi } from "./api.ts";

/** A link to a file. A browser cannot be asked for the password on the way to it, so it is asked before. */
export function Download(
  { url, name, label, children }: {
    url: string;
    /** Under which it is saved; left out for what the server calls it. */
    name?: string;
    /** For those who do not see the link, where its text does not say what it does. */
    label?: string;
    children: ComponentChildren;
  },
) {
  const api = useApi();
  const allowed = useRef(false);
  async function ask(event: MouseEvent & { currentTarget: HTMLAnchorElement }): Promise<void> {
    if (allowed.current) {
      allowed.current = false;
      return;
    }
    event.preventDefault();
    const link = event.currentTarget;
    try {
      await api.checkAllowed();
    } catch {
      return; // the password was not given, or the page says already that the server is gone
    }
    allowed.current = true;
    link.click();
  }
  return <a class="handle" href={url} download={name ?? ""} aria-label={label} onClick={ask}>{children}</a>;
}
