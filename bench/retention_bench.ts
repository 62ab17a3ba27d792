// deno-lint-ignore-file no-console
/**
 * How long it takes to forget what is kept no longer, and how long a program waits from `say` to `ack` before and
 * meanwhile: `deno run -A bench/retention_bench.ts [messages] [of them to be forgotten] [messages a second]`.
 *
 * It prepares a database, which takes some minutes, and starts the server on it from source, or the binary that the
 * environment names (`PARLEY=dist/parley`): first to take up everything into the search index, then to forget, which the
 * server begins a minute after its start. Up to then is "before".
 */
import { parleyCommand } from "../tests/support/run_parley.ts";
import { storeMessages } from "./_stored_messages.ts";

const port = 17_471;

/** How long a message has waited for its `ack`, and when it was said. */
interface Wait {
  readonly saidAtMs: number;
  readonly ms: number;
}

/** Lets a server run until its search index grows no more. */
async function indexAll(dir: string): Promise<void> {
  await using _server = serve(dir, "--keep=forever");
  let [before, same] = [-1, 0];
  while (same < 5) {
    await pause(2_000);
    const size = await sizeOf(`${dir}/search.sqlite`) + await sizeOf(`${dir}/search.sqlite-wal`);
    same = size === before ? same + 1 : 0;
    before = size;
  }
}

async function measure(dir: string, perSecond: number): Promise<void> {
  const size = await sizeOf(`${dir}/parley.db`);
  await using server = serve(dir, "--keep=90d");
  using speaker = await Speaker.enter();
  let forgotten: Forgotten | undefined;
  void server.forgot.then((what) => forgotten = what);
  await pause(5_000);
  const cpu = [await server.cpuSeconds()];
  const begunAtMs = performance.now();
  for (let said = 0; forgotten === undefined; said++) {
    speaker.say();
    await pause(begunAtMs + said * 1_000 / perSecond - performance.now());
  }
  await pause(1_000);
  const [endMs, beginMs] = [forgotten.atMs, forgotten.atMs - forgotten.seconds * 1_000];
  cpu.push(await server.cpuSeconds());
  console.table({
    "database, MB": Math.round(size / 1e6),
    "messages forgotten": forgotten.messages,
    "seconds": forgotten.seconds,
    "server CPU, seconds in all": Math.round(cpu[1]! - cpu[0]!),
  });
  const waits = speaker.waits.filter(({ saidAtMs }) => saidAtMs >= begunAtMs);
  console.table({
    before: quantiles(waits.filter(({ saidAtMs }) => saidAtMs < beginMs - 1_000)),
    meanwhile: quantiles(waits.filter(({ saidAtMs }) => saidAtMs > beginMs && saidAtMs < endMs)),
  });
}

/** What the server has said that it has forgotten, and when. */
interface Forgotten {
  readonly messages: number;
  readonly seconds: number;
  readonly atMs: number;
}

function serve(dir: string, ...flags: string[]) {
  const [program = "", ...args] = parleyCommand();
  const listeners = [`--plain=127.0.0.1:${port}`, "--tls=off", "--https=off", "--http=off"];
  const process = new Deno.Command(program, {
    args: [
      ...args,
      `--data=${dir}`,
      ...listeners,
      "--rate=off",
      "--log=json",
      ...flags,
    ],
    stdout: "piped",
  }).spawn();
  const forgot = Promise.withResolvers<Forgotten>();
  const reading = (async () => {
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
      const [, messages, seconds] = /deleted","messages":(\d+).*"seconds":(\d+)/.exec(text) ?? [];
      if (seconds === undefined) continue;
      forgot.resolve({ messages: Number(messages), seconds: Number(seconds), atMs: performance.now() });
    }
  })();
  return {
    forgot: forgot.promise,
    /** What the process has used so far, of all its threads; Linux only, NaN elsewhere. */
    async cpuSeconds(): Promise<number> {
      const stat = await Deno.readTextFile(`/proc/${process.pid}/stat`).catch(() => "");
      const [user = NaN, system = NaN] = stat.split(") ")[1]?.split(" ").slice(11, 13).map(Number) ?? [];
      return (user + system) / 100;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      process.kill("SIGTERM");
      await process.status;
      await reading;
    },
  };
}

/** A program in the lobby that knows how long it has waited. */
class Speaker implements Disposable {
  readonly waits: Wait[] = [];
  #conn: Deno.Conn;
  #saidAtMs = new Map<number, number>();
  #said = 0;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
    void this.#read();
  }

  static async enter(): Promise<Speaker> {
    for (let tries = 0; tries < 200; tries++) {
      await pause(100);
      const conn = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
      if (conn === undefined) continue;
      const speaker = new Speaker(conn);
      speaker.#send({ type: "guest", name: "speaker" });
      return speaker;
    }
    throw new Error("The server does not listen");
  }

  say(): void {
    const ref = this.#said++;
    this.#saidAtMs.set(ref, performance.now());
    this.#send({ type: "say", room: "lobby", text: "x".repeat(64), ref });
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }

  #send(message: object): void {
    void this.#conn.write(new TextEncoder().encode(JSON.stringify(message) + "\n"));
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    const decoder = new TextDecoder();
    let unread = "";
    for (;;) {
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) return;
      const lines = (unread + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
      unread = lines.pop()!;
      for (const line of lines) if (line.startsWith('{"type":"ack"')) this.#take(JSON.parse(line).ref);
    }
  }

  #take(ref: number): void {
    const saidAtMs = this.#saidAtMs.get(ref)!;
    this.waits.push({ saidAtMs, ms: performance.now() - saidAtMs });
  }
}

function quantiles(waits: readonly Wait[]): Record<string, number> {
  const sorted = waits.map(({ ms }) => ms).sort((a, b) => a - b);
  const quantile = (part: number) =>
    Math.round(100 * (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN)) / 100;
  return {
    messages: sorted.length,
    "p50 ms": quantile(0.5),
    "p99 ms": quantile(0.99),
    "max ms": quantile(1),
  };
}

async function sizeOf(path: string): Promise<number> {
  return (await Deno.stat(path).catch(() => ({ size: 0 }))).size;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

if (import.meta.main) {
  const [messages = 1_000_000, old = messages / 2, perSecond = 20] = Deno.args.map(Number);
  const dir = await Deno.makeTempDir({ prefix: "parley-bench-" });
  try {
    await storeMessages(`${dir}/parley.db`, { messages, old });
    await indexAll(dir);
    await measure(dir, perSecond);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
