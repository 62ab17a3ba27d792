import type { PasswordLink } from "../../server/wire/admin_types.ts";
import { Dialog } from "../shared/Dialog.tsx";
import { dateTime } from "../shared/time.ts";
import { Secret } from "./Secret.tsx";

/** Shows a link for a new password, this once. */
export function PasswordLinkShown(
  { name, link: { url, expires_at }, onClose }: { name: string; link: PasswordLink; onClose: () => void },
) {
  return (
    <Dialog title={`A link for ${name}`} onClose={onClose}>
      <p>
        This is shown once and kept nowhere. Whoever opens it sets the password of {name}: once, until{" "}
        {dateTime(expires_at)}.
      </p>
      <Secret name="Link" text={url} />
      <div class="actions">
        <button type="button" class="primary" onClick={onClose}>I have it</button>
      </div>
    </Dialog>
  );
}
