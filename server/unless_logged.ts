import { Refusal } from "./refusals.ts";
import type { Log } from "./telemetry/log.ts";

/** Logs what has failed in the background; of a refusal, as where the disk is full, the database has logged why. */
export function unlessLogged(what: string, log: Log): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Refusal)) log.error(what, error);
  };
}
