import { strict as assert } from "node:assert";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../../deno.json" with { type: "json" };
import type { AccountRole } from "../../server/accounts/roles.ts";
import { openRecords } from "../../server/records.ts";
import { DataDirectory } from "../../server/store/data_directory.ts";
import { Log } from "../../server/telemetry/log.ts";
import type { ClientMessage } from "../../server/wire/json_types.ts";
import { inTime } from "./in_time.ts";
import { JsonClient } from "./json_client.ts";
import { Person } from "./person.ts";
import { QuickHasher } from "./quick_hasher.ts";
import { WebSocketLines } from "./web_socket_lines.ts";

export const LISTENERS = ["tls", "plain", "https", "http"] as const;
export type ListenerName = typeof LISTENERS[number];

/** For tests in which people are faster than people are. */
export const UNLIMITED = ["--rate=off", "--command-rate=off", "--byte-rate=off", "--logins-per-minute=off"];

export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** What came of a command. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  /** Beside what every program needs. */
  readonly env?: Record<string, string>;
  /** What the command reads on its standard input. */
  readonly input?: string;
}

/** A machine on which Parley runs: a directory for its data, and the processes that work on it. */
export class Machine implements AsyncDisposable {
  #servers: RunningParley[] = [];

  private constructor(readonly dir: string) {}

  static async make(): Promise<Machine> {
    return new Machine(await Deno.makeTempDir({ prefix: "parley-" }));
  }

  /** Does not exist before the first start. */
  get dataDir(): string {
    return this.path("data");
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(this.path(name), text);
  }

  /** Runs a command on the data directory, whether or not a server runs on it. */
  parley(command: string, options?: RunOptions): Promise<Outcome> {
    return runParley([...command.split(" "), `--data=${this.dataDir}`], this.#here(options));
  }

  /** The same, for a command that must succeed; answers what it printed. */
  async does(command: string, options?: RunOptions): Promise<string> {
    const { code, out, err } = await this.parley(command, options);
    assert.equal(code, 0, `parley ${command}: ${err}`);
    return out;
  }

  /**
   * Makes an account as `user add` does, without a process of its own where it can; username and name are the same, and
   * the password is "correct horse".
   */
  async hasAccount(username: string, { role = "member" }: { role?: AccountRole } = {}): Promise<void> {
    const password = "correct horse";
    if (Deno.env.has("PARLEY")) { // the binary may be too old to read what this Deno writes
      await this.does(`user add ${username} --role ${role}`, { input: `${password}\n` });
      return;
    }
    const directory = await DataDirectory.open(this.dataDir);
    const log = new Log("text", (bytes) => Deno.stderr.write(bytes));
    await using records = await openRecords(directory, log, { hasher: new QuickHasher() });
    await records.accounts.signUp({ username, name: username, password, role });
  }

  /** Tries a start that must come to nothing; whatever is served is served on free ports of loopback. */
  fails(flags: readonly string[], options?: RunOptions): Promise<Outcome> {
    return runParley(this.#serving(flags), this.#here(options));
  }

  /** Starts a server on the data directory, and waits until it says where it listens. */
  async serve(flags: readonly string[] = [], options?: RunOptions): Promise<RunningParley> {
    const server = this.launch(flags, options);
    await server.isListening();
    return server;
  }

  /**
   * The same, without the wait. Listeners that are not named are on free ports of loopback, and the log is text, though
   * a program reads it; `--http=default` leaves that option to Parley.
   *
   * @param options.through A command before that of Parley, which it must become in the end: `sh -c 'exec "$@"' sh`.
   */
  launch(flags: readonly string[], options?: RunOptions & { through?: readonly string[] }): RunningParley {
    const words = [...options?.through ?? [], ...parleyCommand(), ...this.#serving(flags)];
    const server = new RunningParley(spawn(words, this.#here(options)), join(this.dataDir, "cert.pem"));
    this.#servers.push(server);
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server[Symbol.asyncDispose]()));
    await Deno.remove(this.dir, { recursive: true });
  }

  #serving(flags: readonly string[]): string[] {
    const isNamed = (flag: string) => flags.some((given) => given.split("=")[0] === flag);
    const listeners = LISTENERS.filter((name) => !isNamed(`--${name}`)).map((name) =>
      `--${name}=127.0.0.1:0`
    );
    const data = isNamed("--data") ? [] : [`--data=${this.dataDir}`];
    const log = isNamed("--log") ? [] : ["--log=text"];
    return [...data, ...log, ...listeners, ...flags].filter((flag) => !flag.endsWith("=default"));
  }

  /** Where nothing says where the data is, it must not be in the real place. */
  #here({ env, ...options }: RunOptions = {}): RunOptions & { cwd: string } {
    return { cwd: this.dir, env: { XDG_DATA_HOME: this.path("share"), ...env }, ...options };
  }
}

/** A real process that serves. */
export class RunningParley implements AsyncDisposable {
  readonly status: Promise<Deno.CommandStatus>;
  #child: Deno.ChildProcess;
  #certFile: string;
  #out: Printed;
  #err: Printed;
  #people: (Person | JsonClient)[] = [];
  #addresses: Partial<Record<ListenerName, Address>> = {};

  constructor(child: Deno.ChildProcess, certFile: string) {
    this.#child = child;
    this.#certFile = certFile;
    this.status = child.status;
    this.#out = new Printed(child.stdout);
    this.#err = new Printed(child.stderr);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** All that it has printed so far. */
  get output(): string {
    return this.#out.text;
  }

  /** All that it has printed beside its output so far. */
  get errors(): string {
    return this.#err.text;
  }

  /** Waits until it has said where it listens. */
  async isListening(): Promise<void> {
    try {
      await this.prints(/^ +Certificate +SHA-256 .+\n\n/m);
    } catch (error) {
      throw new Error(`Parley does not listen: ${this.errors || this.output}`, { cause: error });
    }
    this.#addresses = addressesIn(this.output);
  }

  address(listener: ListenerName): Address {
    return this.#addresses[listener] ?? assert.fail(`--${listener} is off`);
  }

  /** As printed at the start. */
  get fingerprint(): string {
    return /^ +Certificate +SHA-256 (\S+)$/m.exec(this.output)![1]!;
  }

  /** Reads on in its output until a pattern has come, and answers the match. */
  prints(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#out.reads(pattern);
  }

  /** Goes away from its output, which from then on is a pipe without a reader. */
  leavesItsOutput(): Promise<void> {
    return this.#out.leave();
  }

  /** The code of the link that makes the first admin. */
  async setupCode(): Promise<string> {
    const [, code] = await this.prints(/setup#code=(\w+)\n/);
    return code!;
  }

  /** Somebody who has connected and has typed nothing yet. */
  async connect(over: "tls" | "plain" = "plain", certFile = this.#certFile): Promise<Person> {
    return this.welcomes(await this.#dial(over, certFile));
  }

  /** Takes care of a connection that was made otherwise. */
  welcomes(conn: Deno.Conn): Person {
    const person = new Person(conn);
    this.#people.push(person);
    return person;
  }

  /** Somebody who has come in as a guest. */
  async guest(name: string, over?: "tls" | "plain"): Promise<Person> {
    const person = await this.connect(over);
    await person.comesInAs(name);
    return person;
  }

  /** Somebody who has come in by what is typed at the greeting: `/login ann password` or a token. */
  async member(typed: string, over?: "tls" | "plain"): Promise<Person> {
    const person = await this.connect(over);
    await person.readsUpTo("Enter your username: ");
    await person.types(typed);
    await person.isWelcomed();
    return person;
  }

  /** A program that has come in, speaking JSON mode. */
  async client(as: ClientMessage, over: "tls" | "plain" | "ws" = "plain"): Promise<JsonClient> {
    const socket = over === "ws"
      ? await WebSocketLines.open(`ws://127.0.0.1:${this.address("http").port}/ws`)
      : await this.#dial(over, this.#certFile);
    const client = await JsonClient.enter(socket, as);
    this.#people.push(client);
    return client;
  }

  /** A request to the loopback HTTP port; with a body it is a POST of JSON. */
  async http(path: string, body?: unknown): Promise<{ status: number; body: Record<string, string> }> {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${this.address("http").port}${path}`, init);
    return { status: response.status, body: await response.json() };
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until it has ended, and answers its exit status. */
  async ends(): Promise<number> {
    const { code } = await inTime(this.status, "the end of the server");
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#people.map((person) => person.vanishes()));
    killQuietly(this.#child);
    await Promise.all([this.status, this.#out.ended, this.#err.ended]);
  }

  async #dial(over: "tls" | "plain", certFile: string): Promise<Deno.Conn> {
    const { hostname, port } = this.address(over);
    if (over === "plain") return await Deno.connect({ hostname, port });
    return await Deno.connectTls({ hostname, port, caCerts: [await Deno.readTextFile(certFile)] });
  }
}

/** Runs Parley from its sources, or the binary that the variable PARLEY names, until it ends by itself. */
export async function runParley(
  args: readonly string[],
  { input = "", ...options }: RunOptions & { cwd?: string } = {},
): Promise<Outcome> {
  const child = spawn([...parleyCommand(), ...args], { ...options, input });
  const output = child.output();
  try {
    const { code, stdout, stderr } = await inTime(output, `the end of parley ${args.join(" ")}`);
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
  } catch (error) {
    child.kill("SIGKILL");
    await output;
    throw error;
  }
}

/** An address that nobody has just now. */
export function freeAddress(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `127.0.0.1:${listener.addr.port}`;
}

/** Ends a process that may have ended. */
export function killQuietly(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // ended already
  }
}

/** The words that run Parley, with the permissions that its users give it. */
export function parleyCommand(): string[] {
  const binary = Deno.env.get("PARLEY");
  if (binary) return [resolve(binary)];
  const [, ...rest] = manifest.tasks.start.command.split(" ");
  const main = rest.pop()!;
  return [Deno.execPath(), ...rest, fileURLToPath(new URL(`../../${main}`, import.meta.url))];
}

/** What programs need that are not Parley itself, and how many workers Parley is tested with; nothing else of its own. */
export function cleanEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "DENO_DIR", "XDG_CACHE_HOME", "PARLEY_WORKERS"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

function spawn(
  words: readonly string[],
  { cwd, env, input }: RunOptions & { cwd?: string },
): Deno.ChildProcess {
  const [program = "", ...args] = words;
  const child = new Deno.Command(program, {
    args,
    cwd,
    env: { ...cleanEnvironment(), ...env },
    clearEnv: true,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) void feed(child.stdin, input);
  return child;
}

/** A command that wants no input may be gone before it is written. */
async function feed(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
}

function addressesIn(banner: string): Partial<Record<ListenerName, Address>> {
  const patterns: Record<ListenerName, RegExp> = {
    tls: /^ +Chat over TLS +(.+):(\d+)$/m,
    plain: /^ +Plain chat +(.+):(\d+)$/m,
    https: /^ +HTTPS +https:\/\/(.+):(\d+)\/$/m,
    http: /^ +HTTP +http:\/\/(.+):(\d+)\/$/m,
  };
  return Object.fromEntries(LISTENERS.flatMap((name) => {
    const [, hostname, port] = patterns[name].exec(banner) ?? [];
    return hostname === undefined ? [] : [[name, { hostname, port: Number(port) }]];
  }));
}

/** What a process prints, read as it comes so that it never has to wait. */
export class Printed {
  text = "";
  readonly ended: Promise<void>;
  /** Up to where {@link reads} has read. */
  #read = 0;
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #more = Promise.withResolvers<boolean>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.ended = this.#gather();
  }

  async reads(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text.slice(this.#read));
      if (match !== null) {
        this.#read += match.index + match[0].length;
        return match;
      }
      const unread = () => JSON.stringify(this.text.slice(this.#read));
      const more = await inTime(this.#more.promise, () => `${pattern} in what was printed: ${unread()}`);
      if (!more) assert.fail(`ended before ${pattern} was printed: ${unread()}`);
    }
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
    await this.ended;
  }

  async #gather(): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { value } = await this.#reader.read();
      const { resolve } = this.#more;
      if (value === undefined) return resolve(false);
      this.text += decoder.decode(value, { stream: true });
      this.#more = Promise.withResolvers();
      resolve(true);
    }
  }
}
