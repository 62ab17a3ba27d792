/** A line of the log: what happened, and about what. Never a token, password, cookie or code. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** How many bytes wait at most for whoever reads the log; what comes then is counted and dropped. */
const MOST_WAITING_BYTES = 1_048_576;

/** The server's log, a line an event, for people or for programs. Writing never holds the server up. */
export class Log {
  #format: "text" | "json";
  #write: (bytes: Uint8Array) => Promise<number>;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #writing: Promise<void> | undefined;

  constructor(
    format: "text" | "json",
    write: (bytes: Uint8Array) => Promise<number> = (bytes) => Deno.stdout.write(bytes),
  ) {
    this.#format = format;
    this.#write = write;
  }

  /** What an operator wants to know in good days. */
  info(event: string, fields: Fields = {}): void {
    this.#put("info", event, fields);
  }

  /** What an operator should look at. */
  warn(event: string, fields: Fields = {}): void {
    this.#put("warn", event, fields);
  }

  /** A fault of Parley, or of the machine under it. */
  error(event: string, error: unknown, fields: Fields = {}): void {
    this.#put("error", event, { ...fields, error: descriptionOf(error) });
  }

  /** Lines for people at the start; as JSON each is an event. */
  banner(lines: readonly string[], format: "text" | "json"): void {
    if (format === "text") return this.#push(lines.join("\n") + "\n");
    for (const line of lines) if (line.trim() !== "") this.info("start", { text: line.trim() });
  }

  /** Answers when all is written, or after a second. */
  async flush(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, 1_000));
    await Promise.race([this.#writing, patience]);
    clearTimeout(timer);
  }

  #put(level: "info" | "warn" | "error", event: string, fields: Fields): void {
    const at = new Date().toISOString();
    this.#push(
      this.#format === "json"
        ? JSON.stringify({ at, level, event, ...fields }) + "\n"
        : `${at} ${level.padEnd(5)} ${event}${textOf(fields)}\n`,
    );
  }

  #push(text: string): void {
    const bytes = new TextEncoder().encode(text);
    if (this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const bytes = this.#waiting.shift()!;
      this.#waitingBytes -= bytes.length;
      await this.#writeWhole(bytes);
      if (this.#dropped > 0 && this.#waiting.length === 0) {
        const dropped = this.#dropped;
        this.#dropped = 0;
        this.warn("log lines dropped, because nobody read them", { dropped });
      }
    }
    this.#writing = undefined; // in one go with the look at what waits, or what came between would be stuck
  }

  async #writeWhole(bytes: Uint8Array): Promise<void> {
    try {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#write(rest));
    } catch {
      // nobody reads the log any more: the chat goes on
    }
  }
}

function textOf(fields: Fields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${/^[\w.:@/-]+$/.test(String(value)) ? value : JSON.stringify(value)}`)
    .join("");
}

function descriptionOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `; caused by ${descriptionOf(error.cause)}`;
  return (error.stack ?? error.message) + cause;
}
