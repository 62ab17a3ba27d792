import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { sentenceOf } from "./sentence.ts";

/** What has happened last: a deed was done, or was not. */
export interface Said {
  readonly good: boolean;
  readonly text: string;
}

/** Keeps what happened last in a section, for its `Notice`. */
export function useNotice() {
  const said = useSignal<Said | undefined>(undefined);
  return useMemo(() => ({
    said,
    /** Says that a deed was done: `ann is disabled.` */
    tell: (text: string) => said.value = { good: true, text },
    /** Does something, and says what comes of it; where it fails, why. */
    async attempt(deed: () => Promise<unknown>, done: string): Promise<void> {
      try {
        await deed();
        said.value = { good: true, text: done };
      } catch (error) {
        said.value = { good: false, text: sentenceOf(error) };
      }
    },
    /** Says why something was not done. */
    fail: (error: unknown) => said.value = { good: false, text: sentenceOf(error) },
  }), []);
}

/** Says what happened, and comes in sight for that. It is there before anything has, so that screen readers hear it. */
export function Notice({ said }: { said: Signal<Said | undefined> }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (said.value !== undefined) place.current?.scrollIntoView({ block: "nearest" });
  }, [said.value]);
  return (
    <div ref={place} role="status" class="notice">
      {said.value && <p class={said.value.good ? "done" : "error"}>{said.value.text}</p>}
    </div>
  );
}
