import { useId } from "preact/hooks";
import { CopyButton } from "../shared/CopyButton.tsx";

/** A text to be copied and kept elsewhere. A click marks all of it. */
export function Secret({ name, hint, text }: { name: string; hint?: string; text: string }) {
  const id = useId();
  return (
    <div class="secret">
      <div class="row">
        <span id={id}>{name}</span>
        {hint !== undefined && <span class="hint">{hint}</span>}
        <CopyButton text={text} what={name.toLowerCase()} />
      </div>
      <pre
        tabIndex={0}
        role="textbox"
        aria-readonly="true"
        aria-multiline="true"
        aria-labelledby={id}
      >{text}</pre>
    </div>
  );
}
