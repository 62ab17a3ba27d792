import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { sentenceOf } from "../shared/sentence.ts";

/** Something that is done on a press, once at a time, and that may fail. */
export function useDeed() {
  const busy = useSignal(false);
  /** Why it failed the last time. */
  const failure = useSignal<string | undefined>(undefined);
  return useMemo(() => ({
    busy,
    failure,
    async attempt(deed: () => Promise<unknown>): Promise<void> {
      busy.value = true;
      failure.value = undefined;
      try {
        await deed();
      } catch (error) {
        failure.value = sentenceOf(error);
      } finally {
        busy.value = false;
      }
    },
  }), []);
}
