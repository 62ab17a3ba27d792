import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Dialog } from "./Dialog.tsx";
import { sentenceOf } from "./sentence.ts";

interface ConfirmProps {
  /** The question: `Disconnect ann?` */
  readonly title: string;
  /** What happens then, and that it cannot be undone; and fields, where the deed takes more than a yes. */
  readonly children: ComponentChildren;
  /** The deed itself, on its button: `Disconnect`. */
  readonly deed: string;
  /** Left out where nothing is lost by it. */
  readonly danger?: boolean;
  /** Does it. The dialog stays for as long as that takes, and stays open and says why where it fails. */
  readonly onConfirm: () => Promise<unknown>;
  /** The dialog is to go, done or not. */
  readonly onClose: () => void;
}

/** Asks before a deed is done. The way out has the focus, so that no second Enter does harm. */
export function Confirm({ title, children, deed, danger = false, onConfirm, onClose }: ConfirmProps) {
  const busy = useSignal(false);
  const failure = useSignal<string | undefined>(undefined);
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    busy.value = true;
    failure.value = undefined;
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      failure.value = sentenceOf(error);
    } finally {
      busy.value = false;
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        {children}
        <div role="alert">{failure.value !== undefined && <p class="error">{failure.value}</p>}</div>
        <div class="actions">
          <button type="button" onClick={onClose} autofocus>Cancel</button>
          <button type="submit" class={danger ? "danger" : "primary"} disabled={busy.value}>{deed}</button>
        </div>
      </form>
    </Dialog>
  );
}
