import { useSignal } from "@preact/signals";

/** Puts a text on the clipboard, and says whether it is there. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const said = useSignal("");
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      said.value = "Copied.";
    } catch {
      said.value = "The browser does not let me; mark the text and copy it yourself.";
    }
  }
  return (
    <>
      <button type="button" class="small" aria-label={`Copy ${what}`} onClick={copy}>Copy</button>
      <span role="status" class="hint">{said.value}</span>
    </>
  );
}
