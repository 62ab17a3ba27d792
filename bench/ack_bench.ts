// deno-lint-ignore-file no-console
/**
 * How long a program waits from `say` to `ack`, that is until its message is in the database and told, while others are
 * in the room: `deno run -A bench/ack_bench.ts [people] [messages a second] [seconds]`.
 *
 * It starts the server from source, or the binary that the environment names (`PARLEY=dist/parley`), and everybody joins
 * over TLS from this process, which takes its share of the machine. All say a part of the messages, a second from the
 * first on is not counted.
 */
import { parleyCommand } from "../tests/support/run_parley.ts";
import { cpuSecondsOf, quantile } from "./_figures.ts";
import { Speaker } from "./_speaker.ts";

const [people = 300, perSecond = 300, seconds = 10] = Deno.args.map(Number);
const ports = { tls: 17_461, plain: 17_462 };

const dir = await Deno.makeTempDir({ prefix: "parley-bench-" });
const serve = [
  `--data=${dir}`,
  `--tls=127.0.0.1:${ports.tls}`,
  `--plain=127.0.0.1:${ports.plain}`,
  "--https=off",
  "--http=off",
  "--rate=off",
];
const [program = "", ...args] = parleyCommand();
const server = new Deno.Command(program, {
  args: [...args, ...serve],
  stdout: "null",
  stderr: "null",
}).spawn();

try {
  const certificate = await appearing(`${dir}/cert.pem`);
  const speakers: Speaker[] = [];
  const at = { port: ports.tls, certPem: certificate };
  for (let index = 0; index < people; index++) speakers.push(await Speaker.join(at, index));
  await pause(1_000);
  const cpuBefore = await cpuSecondsOf(server.pid);
  const heardBefore = sum(speakers.map(({ heard }) => heard));
  const beginMs = performance.now();
  let said = 0;
  for (;;) {
    const atMs = performance.now() - beginMs;
    if (atMs > (seconds + 1) * 1_000) break;
    while (said < atMs / 1_000 * perSecond) void speakers[said++ % people]!.say(atMs > 1_000);
    await pause(1);
  }
  await pause(2_000);
  const waitedMs = speakers.flatMap((speaker) => speaker.waitedMs);
  const heard = sum(speakers.map(({ heard }) => heard)) - heardBefore;
  const cpu = await cpuSecondsOf(server.pid) - cpuBefore;
  console.table({
    people,
    "messages a second": perSecond,
    "send to ack, p50 ms": round(quantile(waitedMs, 0.5)),
    "send to ack, p99 ms": round(quantile(waitedMs, 0.99)),
    "send to ack, max ms": round(quantile(waitedMs, 1)),
    acks: waitedMs.length,
    unanswered: sum(speakers.map(({ unanswered }) => unanswered)),
    "deliveries missing": said * (people - 1) - heard,
    "server CPU, µs a delivery": round(cpu * 1e6 / heard),
    "server CPU, ms a message": round(cpu * 1e3 / said),
  });
  for (const speaker of speakers) speaker.leave();
} finally {
  server.kill("SIGTERM");
  await server.status;
  await Deno.remove(dir, { recursive: true });
}

/** What is in a file that is about to be made. */
async function appearing(path: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    await pause(50);
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: ports.plain }).catch(() => undefined);
    conn?.close();
    if (conn !== undefined) return await Deno.readTextFile(path);
  }
  throw new Error("The server does not listen");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
