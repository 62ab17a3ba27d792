import { BrokenPromise } from "./broken_promise.ts";
import type { Happening } from "./happening.ts";
import { Oracle } from "./oracle.ts";

/** How many happenings are remembered, to be shown with what has gone wrong. */
const REMEMBERED = 60, REMEMBERED_FAULTS = 5;

/** What happens so often that nothing else would be remembered. */
const COMMON = ["is shown", "is told", "time passes"];

/** What was done, and how often; what went wrong first. All that happens goes through here. */
export class Watch {
  readonly #oracle = new Oracle();
  /** Resolves with the first broken promise. */
  readonly broken: Promise<BrokenPromise>;
  /** What was done → how often, and what of it was refused → how often. */
  readonly done = new Map<string, number>();
  readonly refused = new Map<string, number>();
  /** How long the server took to acknowledge what was said, while nothing was wrong with the machine. */
  readonly ackMs: number[] = [];
  #break!: (error: BrokenPromise) => void;
  #first: BrokenPromise | undefined;
  #last: string[] = [];
  #faults: string[] = [];
  #beganMs = performance.now();

  #record: Deno.FsFile | undefined;

  /** @param record Where each happening is written, a line for each; nowhere where none is named. */
  constructor(record?: string) {
    this.#record = record === undefined ? undefined : Deno.createSync(record);
    this.broken = new Promise((resolve) => this.#break = resolve);
  }

  get moment(): number {
    return this.#oracle.moment;
  }

  get checks(): number {
    return this.#oracle.checks;
  }

  get first(): BrokenPromise | undefined {
    return this.#first;
  }

  /** The last happenings before the first broken promise, or so far. */
  get last(): readonly string[] {
    return [...this.#faults, ...this.#last];
  }

  sees(...happenings: Happening[]): void {
    for (const happening of happenings) {
      if (this.#first !== undefined) return;
      if (COMMON.includes(happening.type)) this.#writes(JSON.stringify(happening));
      else this.notes(JSON.stringify(happening));
      try {
        this.#oracle.sees(happening);
      } catch (error) {
        this.notes(`THEN: ${JSON.stringify(happening)}`);
        this.breaks(error);
      }
    }
  }

  /** Something is not as it must be, or nobody knows what is. */
  breaks(error: unknown): void {
    if (this.#first !== undefined) return;
    const broken = error instanceof BrokenPromise ? error : new BrokenPromise("sound", detailsOf(error));
    this.#first = broken;
    this.#break(broken);
  }

  /** Remembers something that is no happening. */
  notes(text: string): void {
    if (this.#first !== undefined) return;
    this.#writes(text);
    this.#last.push(this.#timed(text));
    if (this.#last.length > REMEMBERED) this.#last.shift();
  }

  /** Remembers that something befalls the server. */
  notesFault(name: string): void {
    this.#writes(`FAULT: ${name}`);
    this.#faults.push(this.#timed(`FAULT: ${name}`));
    if (this.#faults.length > REMEMBERED_FAULTS) this.#faults.shift();
  }

  #writes(text: string): void {
    this.#record?.writeSync(new TextEncoder().encode(`${this.moment} ${this.#timed(text)}\n`));
  }

  #timed(text: string): string {
    const seconds = (performance.now() - this.#beganMs) / 1_000;
    return `${seconds.toFixed(3).padStart(9)} s  ${text.slice(0, 400)}`;
  }

  counts(what: string): void {
    this.done.set(what, (this.done.get(what) ?? 0) + 1);
  }

  countsRefusal(code: string): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }
}

function detailsOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
