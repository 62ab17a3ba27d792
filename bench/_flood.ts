import { Machine, type RunningParley, UNLIMITED } from "../tests/support/run_parley.ts";
import { cpuSecondsOf, type Figures, inMs, memoryMibOf, quantile } from "./_figures.ts";
import { Speaker } from "./_speaker.ts";

/** How many chat, how much all together say in a second, and how long that is watched. */
const PEOPLE = 300;
const SAID_PER_SECOND = 20;
const WATCHED_SECONDS = 30;

const LOGINS_PER_SECOND = 1_000;

/**
 * How long people who chat wait for their own message to be kept and told: undisturbed, and while log-ins with wrong
 * passwords are thrown at the server, all of which it would check if it could, and as the limits have it.
 */
export async function measureFlood(): Promise<Figures> {
  return {
    ...await underFlood("no limit on log-ins", UNLIMITED),
    ...await underFlood("10 a minute", ["--rate=off"]),
  };
}

async function underFlood(name: string, flags: readonly string[]): Promise<Figures> {
  await using machine = await Machine.make();
  const server = await machine.serve(flags);
  const at = {
    port: server.address("tls").port,
    certPem: await Deno.readTextFile(`${machine.dataDir}/cert.pem`),
  };
  const speakers: Speaker[] = [];
  for (let index = 0; index < PEOPLE; index++) speakers.push(await Speaker.join(at, index));
  const quiet = await chat(speakers, server);
  const flood = throwLogins(server);
  const disturbed = await chat(speakers, server);
  const thrown = await flood;
  for (const speaker of speakers) speaker.leave();
  return {
    [`${name}: undisturbed`]: quiet,
    [`${name}: log-ins thrown`]: thrown,
    [`${name}: meanwhile`]: disturbed,
  };
}

/** @returns For people: send to ack, memory, CPU. */
async function chat(speakers: readonly Speaker[], server: RunningParley): Promise<string> {
  const cpuBefore = await cpuSecondsOf(server.pid);
  for (const speaker of speakers) speaker.waitedMs.length = 0;
  const beganMs = performance.now();
  let said = 0, mostMib = 0;
  for (;;) {
    const atS = (performance.now() - beganMs) / 1_000;
    if (atS > WATCHED_SECONDS) break;
    while (said < atS * SAID_PER_SECOND) void speakers[said++ * 7 % speakers.length]!.say(true);
    if (said % SAID_PER_SECOND === 0) mostMib = Math.max(mostMib, await memoryMibOf(server.pid));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const waitedMs = speakers.flatMap((speaker) => speaker.waitedMs);
  const cores = (await cpuSecondsOf(server.pid) - cpuBefore) / WATCHED_SECONDS;
  const [p50, p99, max] = [0.5, 0.99, 1].map((part) => inMs(quantile(waitedMs, part)));
  return `send to ack p50 ${p50}, p99 ${p99}, max ${max} (${waitedMs.length} messages); ` +
    `memory at most ${mostMib.toFixed(0)} MiB; ${cores.toFixed(2)} cores`;
}

/** @returns For people: what became of the log-ins. */
async function throwLogins(server: RunningParley): Promise<string> {
  const { port } = server.address("http");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL("_login_flood.ts", import.meta.url).pathname,
      `http://127.0.0.1:${port}/login`,
      String(LOGINS_PER_SECOND),
      String(WATCHED_SECONDS),
    ],
    stderr: "inherit",
  }).output();
  const { sent, seconds, answers } = JSON.parse(new TextDecoder().decode(stdout));
  const outcomes = Object.entries(answers).map(([status, count]) => `${count} × ${status}`).join(", ");
  return `${sent} in ${seconds.toFixed(1)} s: ${outcomes}`;
}
