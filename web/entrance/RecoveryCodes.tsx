import { CopyButton } from "../shared/CopyButton.tsx";
import { takeFocus } from "../shared/take_focus.ts";

/** Shows codes for when the app is gone, this once, to be kept elsewhere. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const text = `${codes.join("\n")}\n`;
  return (
    <>
      <p tabIndex={-1} ref={takeFocus}>
        Each of these is good once in place of a code, for when your app is gone. They are shown only now:
        keep them somewhere else.
      </p>
      <ul class="recovery-codes" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div class="row">
        <CopyButton text={text} what="the recovery codes" />
        <a
          class="button small"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
          download="parley-recovery-codes.txt"
        >
          Download
        </a>
      </div>
      <button type="button" class="primary wide" onClick={onKept}>I have kept them</button>
    </>
  );
}
