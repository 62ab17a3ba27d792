import type { RunningParley } from "../support/run_parley.ts";
import { BrokenPromise } from "./broken_promise.ts";
import type { Watch } from "./watch.ts";

/** What is the machine's fault, in a server's own words. */
const OF_MACHINE = new RegExp(` error (?:${
  [
    "no connections can be accepted",
    "something could not be kept",
    "what is kept no longer could not be deleted",
    "the use of tokens could not be kept",
    "the search index has failed",
    "the database does not tell what changed",
    "the database took no commit",
    "a (?:session|request) failed .*Database is closed",
  ].join("|")
})`);

/** What the thread of Deno KV says of itself when it ends on a full disk; the server opens the database again. */
const KV_ENDS =
  /\n*thread 'sw-\d+' \(\d+\) panicked at \S+:\nKV collect expired failed: database or disk is full\nnote: .*\n?/g;

/** The log of the server that runs, and of those before. */
export class ServerLog {
  /** Beginnings of lines of the level `warn` or `error` → how often they came. */
  readonly complaints = new Map<string, number>();
  /** Whether something of the machine is, or was just, amiss. */
  isTroubled: () => boolean = () => false;
  #watch: Watch;
  #server: RunningParley | undefined;
  #read = 0;
  /** How much it had printed beside its log at the last look. */
  #printed = 0;

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  follows(server: RunningParley): void {
    this.#server = server;
    this.#read = 0;
    this.#printed = 0;
  }

  /** Reads what has come: whatever is an error, and not the machine's, is a defect. */
  looks(): void {
    if (this.#server === undefined) return;
    const { output, errors } = this.#server;
    const end = output.lastIndexOf("\n") + 1;
    const lines = output.slice(this.#read, end).split("\n");
    this.#read = end;
    for (const line of lines) this.#judges(line);
    const whole = errors.length === this.#printed; // or more of it may be on the way
    this.#printed = errors.length;
    const unexpected = errors.replaceAll(KV_ENDS, "");
    if (!whole || unexpected === "") return;
    this.#watch.breaks(
      new BrokenPromise("sound", `The server printed beside its log: ${unexpected.slice(-2_000)}`),
    );
  }

  #judges(line: string): void {
    const [, level, event = ""] = /^\S+ (warn |error) (.+?)(?: \w+=.*)?$/.exec(line) ?? [];
    if (level === undefined) return;
    const complaint = `${level.trim()}: ${event}`;
    this.complaints.set(complaint, (this.complaints.get(complaint) ?? 0) + 1);
    if (level !== "error" || (OF_MACHINE.test(line) && this.isTroubled())) return;
    this.#watch.breaks(new BrokenPromise("sound", `The server's log says: ${line.slice(0, 2_000)}`));
  }
}
