import type { ServerInfo } from "../../server/wire/web_types.ts";
import { useDeed } from "./deed.ts";
import { Failure } from "./Failure.tsx";
import { hindranceHere, wordsAbout } from "./passkey_hindrance.ts";

/** Does something by a passkey; where that cannot be, it says why when it is pressed. */
export function PasskeyButton(
  { label, server, onPress }: { label: string; server: ServerInfo; onPress: () => Promise<unknown> },
) {
  const { busy, failure, attempt } = useDeed();
  const hindrance = hindranceHere(server);
  async function use(): Promise<void> {
    if (hindrance !== undefined && hindrance !== "certificate") throw new Error(wordsAbout(hindrance));
    await onPress();
  }
  return (
    <>
      <button type="button" class="wide" disabled={busy.value} onClick={() => void attempt(use)}>
        {label}
      </button>
      <Failure why={failure.value} />
    </>
  );
}
