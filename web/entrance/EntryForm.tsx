import type { ComponentChildren } from "preact";
import { useDeed } from "./deed.ts";
import { Failure } from "./Failure.tsx";

/** A form that says why one does not come on by it. */
export function EntryForm(
  { deed, small = false, onSubmit, children }: {
    /** On its button. */
    deed: string;
    /** It is one of several things that can be done. */
    small?: boolean;
    /** @param read What was typed into a field; "" where there is none of that name. */
    onSubmit: (read: (field: string) => string) => Promise<unknown>;
    children: ComponentChildren;
  },
) {
  const { busy, failure, attempt } = useDeed();
  function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }): void {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    void attempt(() => onSubmit((field) => String(data.get(field) ?? "")));
  }
  return (
    <form onSubmit={submit}>
      {children}
      <Failure why={failure.value} />
      <button type="submit" class={small ? "small" : "primary wide"} disabled={busy.value}>{deed}</button>
    </form>
  );
}
