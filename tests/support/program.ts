import { strict as assert } from "node:assert";
import { Person, type Socket } from "./person.ts";

/** Program → the Debian package that has it, for those whom a test tells to install it. */
const PACKAGES = { curl: "curl", nc: "netcat-openbsd", ncat: "ncat", openssl: "openssl", socat: "socat" };

export type ProgramName = keyof typeof PACKAGES;

/** A real program with somebody before it, who types into it and reads what it shows. */
export class Program implements AsyncDisposable {
  readonly person: Person;
  #process: Deno.ChildProcess;
  #socket: ProcessSocket;

  constructor(name: ProgramName, args: readonly string[]) {
    this.#process = spawn(name, { args, stdin: "piped", stdout: "piped", stderr: "null" });
    this.#socket = new ProcessSocket(this.#process);
    this.person = new Person(this.#socket);
  }

  /** Answers its exit status, when it has ended by itself. */
  async ends(): Promise<number> {
    return (await this.#process.status).code;
  }

  /** Has nothing more to type, as at the end of a pipe. */
  closesInput(): Promise<void> {
    return this.#socket.closeWrite();
  }

  /** Is killed, if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.person.vanishes();
    await this.#socket.closed();
  }
}

/** What a program answered that ran to its end. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, without input. */
export async function run(name: ProgramName, args: readonly string[]): Promise<Ran> {
  const process = spawn(name, { args, stdin: "null", stdout: "piped", stderr: "piped" });
  const { code, stdout, stderr } = await process.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

function spawn(
  name: ProgramName,
  { args, ...pipes }: { args: readonly string[] } & Pick<Deno.CommandOptions, "stdin" | "stdout" | "stderr">,
): Deno.ChildProcess {
  try {
    return new Deno.Command(name, { args: [...args], ...pipes }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    assert.fail(`This test needs ${name}; on Debian: apt install ${PACKAGES[name]}`);
  }
}

/** Standard input and output as if they were a socket. */
class ProcessSocket implements Socket {
  #process: Deno.ChildProcess;
  #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #output: ReadableStreamBYOBReader;
  #ended: Promise<unknown>;

  constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#input = process.stdin.getWriter();
    this.#output = process.stdout.getReader({ mode: "byob" });
    this.#ended = process.status;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const { value } = await this.#output.read(new Uint8Array(buffer.length));
    if (value === undefined || value.length === 0) return null;
    buffer.set(value);
    return value.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#input.write(new Uint8Array(bytes));
    return bytes.length;
  }

  async closeWrite(): Promise<void> {
    await this.#input.close().catch(() => {}); // it may have closed it itself
  }

  close(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended
    }
  }

  async closed(): Promise<void> {
    await this.#ended;
    await this.closeWrite();
    await this.#output.cancel();
  }
}
