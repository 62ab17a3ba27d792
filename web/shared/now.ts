import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const TICK_MS = 1_000;

/** The present moment in ms, anew every second, for what ticks on a page. */
export function useNow(): number {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => now.value = Date.now(), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now.value;
}
