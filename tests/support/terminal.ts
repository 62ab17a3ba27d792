import { inTime } from "./in_time.ts";
import { cleanEnvironment, killQuietly, Printed } from "./run_parley.ts";

/** A command at a real terminal, with somebody at its keyboard. */
export class Terminal implements AsyncDisposable {
  #child: Deno.ChildProcess;
  #keyboard: WritableStreamDefaultWriter<Uint8Array>;
  #screen: Printed;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#keyboard = child.stdin.getWriter();
    this.#screen = new Printed(child.stdout);
  }

  /** @param options.columns How wide the terminal is; what it is by itself where nothing is said. */
  static open(
    words: readonly string[],
    { columns, env = {} }: { columns?: number; env?: Record<string, string> } = {},
  ): Terminal {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const command = `${columns === undefined ? "" : `stty cols ${columns}; `}exec ${quoted}`;
    const child = new Deno.Command("script", {
      args: ["-qec", command, "/dev/null"],
      env: { ...cleanEnvironment(), ...env },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    return new Terminal(child);
  }

  /** All that was written to the screen. */
  get screen(): string {
    return this.#screen.text;
  }

  /** Reads on until a pattern has come, and answers the match. */
  reads(pattern: string | RegExp): Promise<RegExpExecArray> {
    return this.#screen.reads(new RegExp(pattern));
  }

  types(keys: string): Promise<void> {
    return this.#keyboard.write(new TextEncoder().encode(keys));
  }

  async ends(): Promise<number> {
    const { code } = await inTime(this.#child.status, () => `the end of what shows ${this.screen}`);
    await this.#screen.ended;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keyboard.close().catch(() => {});
    killQuietly(this.#child);
    await Promise.all([this.#child.status, this.#screen.ended]);
  }
}
