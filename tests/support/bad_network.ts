import { Printed } from "./run_parley.ts";

/** How a link treats what is sent over it, in either direction. */
export interface Weather {
  readonly delayMs?: number;
  /** By how much more or less each packet takes; they do not overtake each other. */
  readonly jitterMs?: number;
  /** Which part of the packets is lost. */
  readonly loss?: number;
  /** Nothing comes through, and nobody is told. */
  readonly cut?: boolean;
}

/** The two ends of a link, each in a network of its own with nothing else in it but its own loopback. */
export type Side = "near" | "far";

/**
 * Two networks of their own with a link between them that can be made a bad one; Linux, as root. The packets are real,
 * and so is the TCP at both ends. The far side takes in 8 KiB for whoever does not read. Nothing of it is left
 * afterwards, even if this process is killed.
 */
export class BadNetwork implements AsyncDisposable {
  /** The address of the near side. */
  readonly near = "10.77.0.1";
  #link: Deno.ChildProcess;
  #printed: Printed;
  #errors: Printed;
  #orders: WritableStreamDefaultWriter<Uint8Array>;
  #spaces: Spaces;
  /** How many are under way on one side. */
  #deeds = 0;

  private constructor(parts: {
    link: Deno.ChildProcess;
    printed: Printed;
    errors: Printed;
    spaces: Spaces;
  }) {
    this.#link = parts.link;
    this.#printed = parts.printed;
    this.#errors = parts.errors;
    this.#spaces = parts.spaces;
    this.#orders = parts.link.stdin.getWriter();
  }

  /** Lays the link; at first it is a good one. */
  static async lay(): Promise<BadNetwork> {
    const program = new URL("bad_link.py", import.meta.url).pathname;
    const piped = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    const link = new Deno.Command("python3", { args: [program], ...piped }).spawn();
    const [printed, errors] = [new Printed(link.stdout), new Printed(link.stderr)];
    const [, near, far] = await printed.reads(/^(\d+) (\d+)\n/).catch(async (error) => {
      await Promise.all([link.stdin.close(), link.status, errors.ended]);
      throw new Error(`There is no link: ${errors.text}`, { cause: error });
    });
    const spaces = new Spaces((side) => `/proc/${link.pid}/fd/${side === "near" ? near : far}`);
    return new BadNetwork({ link, printed, errors, spaces });
  }

  /** From now on the link is like that. */
  async becomes(weather: Weather): Promise<void> {
    await this.#orders.write(new TextEncoder().encode(JSON.stringify(weather) + "\n"));
    await this.#printed.reads(/done\n/);
  }

  /**
   * Makes sockets and processes on one side, where they stay. While such a deed is under way, all that this thread opens
   * is there: nothing may be opened elsewhere meanwhile.
   */
  async on<Made>(side: Side, deed: () => Promise<Made>): Promise<Made> {
    this.#spaces.enter(side);
    this.#deeds++;
    try {
      return await deed();
    } finally {
      if (--this.#deeds === 0) this.#spaces.enter("home");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#spaces[Symbol.dispose]();
    await this.#orders.close();
    await Promise.all([this.#link.status, this.#printed.ended, this.#errors.ended]);
  }
}

/** Why there can be no such networks here; undefined where there can. */
export async function whyNoBadNetwork(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "network namespaces are a thing of Linux";
  try {
    await using _network = await BadNetwork.lay();
  } catch (error) {
    return (error as Error).message;
  }
}

const CALLS = {
  close: { parameters: ["i32"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  setns: { parameters: ["i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const READ_ONLY = 0;
const CLONE_NEWNET = 0x40000000;

/** The network namespaces that this thread may be in. */
class Spaces implements Disposable {
  #library = Deno.dlopen("libc.so.6", CALLS);
  #files: Record<Side | "home", number>;

  constructor(pathOf: (side: Side) => string) {
    this.#files = {
      home: this.#open("/proc/thread-self/ns/net"),
      near: this.#open(pathOf("near")),
      far: this.#open(pathOf("far")),
    };
  }

  enter(space: Side | "home"): void {
    if (this.#library.symbols.setns(this.#files[space], CLONE_NEWNET) === 0) return;
    throw new Error(`Cannot enter the ${space} network`);
  }

  [Symbol.dispose](): void {
    for (const file of Object.values(this.#files)) this.#library.symbols.close(file);
    this.#library.close();
  }

  #open(path: string): number {
    const file = this.#library.symbols.open(new TextEncoder().encode(path + "\0"), READ_ONLY);
    if (file < 0) throw new Error(`Cannot open "${path}"`);
    return file;
  }
}
