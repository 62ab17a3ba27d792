import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

/** A modal dialog: the browser's own, which keeps the focus and closes by Escape. It is open for as long as it is drawn. */
export function Dialog(
  { title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren },
) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const shown = dialog.current!;
    shown.showModal();
    return () => {
      shown.close(); // which gives the focus back to where it was
      queueMicrotask(putCaret);
    };
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={() => dialog.current !== null && onClose()}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Chromium gives the focus back without a caret when the dialog had one in a field: what is typed would be lost. */
function putCaret(): void {
  const field = document.activeElement;
  if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) return;
  const { selectionStart, selectionEnd } = field;
  if (selectionStart !== null) field.setSelectionRange(selectionStart, selectionEnd);
}
