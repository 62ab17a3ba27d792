import type { Sample } from "../wire/admin_types.ts";

/** How often the line is drawn anew. */
const DRAW_EVERY_MS = 1_000;

const LF = 0x0a;

/** To the beginning of the line, and away with all of it. */
const WIPE = "\r\x1b[K";

/** Where no width is told. */
const USUAL_COLUMNS = 80;

/** What the line is shown at. */
export interface Screen {
  /** Writes some of the bytes, and answers how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** 0 where it is not known. */
  columns(): number;
}

/**
 * The last line of a terminal, which tells how the server is doing, below a log that is written through it. A terminal
 * that takes nothing, as after Ctrl-S, holds nothing up: nothing more is drawn until it does.
 */
export class StatusLine {
  #screen: Screen;
  #text: (() => string) | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #drawn = false;
  /** Settles when all is written that was begun; two at a time would get mixed up. */
  #written: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(screen: Screen = TERMINAL) {
    this.#screen = screen;
  }

  /** Shows a text from now on, asked for anew each time. */
  show(text: () => string): void {
    this.#text = text;
    this.#timer = setInterval(() => this.#redraw(), DRAW_EVERY_MS);
    this.#redraw();
  }

  /** Shows nothing any more. What is written later still goes to the terminal. */
  end(): void {
    clearInterval(this.#timer);
    this.#text = undefined;
    this.#inTurn(() => this.#wipe()).catch(() => {}); // there is no terminal any more
  }

  /** Writes some of a line of the log, in the place of the status, which moves below. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#inTurn(async () => {
      await this.#wipe();
      const count = await this.#screen.write(bytes);
      if (bytes[count - 1] === LF) await this.#draw();
      return count;
    });
  }

  #redraw(): void {
    if (this.#waiting === 0) this.#inTurn(() => this.#draw()).catch(() => this.end());
  }

  async #draw(): Promise<void> {
    if (this.#text === undefined) return;
    const most = (this.#screen.columns() || USUAL_COLUMNS) - 1; // in the last column some terminals begin a new line
    this.#drawn = true;
    await this.#writeAll(WIPE + this.#text().slice(0, most));
  }

  async #wipe(): Promise<void> {
    if (!this.#drawn) return;
    this.#drawn = false;
    await this.#writeAll(WIPE);
  }

  async #writeAll(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#screen.write(rest));
  }

  #inTurn<Result>(deed: () => Promise<Result>): Promise<Result> {
    this.#waiting++;
    const done = this.#written.then(deed).finally(() => this.#waiting--);
    this.#written = done.catch(() => {});
    return done;
  }
}

/** How the server is doing, in one line of ASCII. */
export function statusText(sample: Sample, upMs: number): string {
  return [
    `people ${sample.people}`,
    `connections ${sample.connections}`,
    `messages/s ${sample.messages_per_second.toFixed(1)}`,
    `p99 ${Math.round(sample.p99_ms)} ms`,
    `memory ${Math.round(sample.memory_bytes / 1_048_576)} MiB`,
    `up ${clock(upMs)}`,
  ].join(" | ");
}

/** @example 93_784_000 → "1 d 2:03:04" */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const days = Math.floor(seconds / 86_400);
  const [hours, ...rest] = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map(Math.floor);
  const time = [hours, ...rest.map((part) => String(part).padStart(2, "0"))].join(":");
  return days === 0 ? time : `${days} d ${time}`;
}

const TERMINAL: Screen = {
  write: (bytes) => Deno.stdout.write(bytes),
  columns() {
    try {
      return Deno.consoleSize().columns;
    } catch {
      return 0; // nothing tells
    }
  },
};
