import { Dialog } from "../shared/Dialog.tsx";
import { Secret } from "./Secret.tsx";

/** Shows a password that the server has made up, this once. */
export function NewPassword(
  { name, password, onClose }: { name: string; password: string; onClose: () => void },
) {
  return (
    <Dialog title={`The password of ${name}`} onClose={onClose}>
      <p>
        This is shown once and kept nowhere: give it to {name} now. It can be changed with{" "}
        <code>/password</code> in the chat.
      </p>
      <Secret name="Password" text={password} />
      <div class="actions">
        <button type="button" class="primary" onClick={onClose}>I have it</button>
      </div>
    </Dialog>
  );
}
