import { pause, type Town } from "./town.ts";

/** Something that befalls a server. */
export interface Fault {
  readonly name: string;
  /** Why it cannot befall one here; undefined where it can. */
  whyNot(town: Town): string | undefined;
  /** Lets it happen, while everybody goes on; afterwards a server runs, and nothing is amiss any more. */
  run(town: Town): Promise<void>;
  /** Whether the server lives on, without anything in its way that would show in its memory. */
  readonly mild: boolean;
}

/** For so long something is amiss. */
const SHORTEST_MS = 1_500, LONGEST_MS = 5_000;

/** For so long it is felt afterwards: errors that come again and again are logged once a minute. */
const AFTERMATH_MS = 70_000;

/** How many come at once to a server that has no descriptors left. */
const CROWD = 60;

export const FAULTS: readonly Fault[] = [
  { name: "kill -9", mild: false, whyNot: never, run: (town) => restarts(town, "SIGKILL") },
  { name: "SIGTERM", mild: false, whyNot: never, run: (town) => restarts(town, "SIGTERM") },
  { name: "SIGHUP", mild: true, whyNot: never, run: hangsUp },
  { name: "full disk", mild: false, whyNot: withoutDisk, run: fillsDisk },
  { name: "kill -9 on a full disk", mild: false, whyNot: withoutDisk, run: diesOnFullDisk },
  { name: "no descriptors", mild: false, whyNot: withoutBinary, run: takesDescriptors },
  { name: "clock step", mild: false, whyNot: ({ clock }) => clock.whyNot, run: stepsClock },
];

function never(): undefined {}

function withoutDisk({ disk }: Town): string | undefined {
  return disk === undefined ? "no disk can be mounted here" : undefined;
}

/** Where no file is left, Deno (2.9.6) ends the process as soon as it reads a source; the binary reads none. */
function withoutBinary(): string | undefined {
  if (Deno.build.os !== "linux") return "limits of a running process can be set on Linux only";
  return Deno.env.get("PARLEY")
    ? undefined
    : "Deno does not survive it from source; name the binary in PARLEY";
}

async function restarts(town: Town, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  await town.stops(signal);
  await town.starts({ withClock: true });
}

async function hangsUp({ server }: Town): Promise<void> {
  server.kill("SIGHUP");
  await pause(500);
}

async function fillsDisk(town: Town): Promise<void> {
  town.troubles.set("disk", Infinity);
  town.watch.sees({ type: "disk is full" });
  try {
    await town.disk!.fill();
    await pause(town.chance.between(SHORTEST_MS, LONGEST_MS));
  } finally {
    await town.disk!.empty();
    town.watch.sees({ type: "disk is full" });
    town.troubles.set("disk", performance.now() + AFTERMATH_MS);
  }
}

async function diesOnFullDisk(town: Town): Promise<void> {
  town.troubles.set("disk", Infinity);
  town.watch.sees({ type: "disk is full" });
  try {
    await town.disk!.fill();
    await pause(town.chance.between(200, SHORTEST_MS));
    await town.stops("SIGKILL");
  } finally {
    await town.disk!.empty();
    town.watch.sees({ type: "disk is full" });
    town.troubles.set("disk", performance.now() + AFTERMATH_MS);
  }
  await town.starts({ withClock: true });
}

async function takesDescriptors(town: Town): Promise<void> {
  const { pid } = town.server;
  const [soft, hard] = await limitsOf(pid);
  const crowd: Deno.Conn[] = [];
  town.troubles.set("descriptors", Infinity);
  try {
    const open = [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
    await limits(pid, `${open + 3}:${hard}`);
    for (const listener of ["plain", "tls", "http", "https"] as const) {
      const coming = Array.from({ length: CROWD / 4 }, () => Deno.connect(town.server.address(listener)));
      for (const conn of await Promise.allSettled(coming)) {
        if (conn.status === "fulfilled") crowd.push(conn.value);
      }
    }
    await pause(town.chance.between(SHORTEST_MS, LONGEST_MS));
  } finally {
    await limits(pid, `${soft}:${hard}`);
    for (const conn of crowd) conn.close();
    town.troubles.set("descriptors", performance.now() + AFTERMATH_MS);
  }
  await pause(1_000);
}

async function stepsClock({ clock, chance }: Town): Promise<void> {
  await clock.steps(chance.oneOf(["+0", "-90m", "+45m", "-10s", "+2h", "-2h"])!);
  await pause(1_500);
}

async function limitsOf(pid: number): Promise<[soft: string, hard: string]> {
  const limits = await Deno.readTextFile(`/proc/${pid}/limits`);
  const [, soft = "", hard = ""] = /^Max open files +(\S+) +(\S+)/m.exec(limits) ?? [];
  return [soft, hard];
}

async function limits(pid: number, nofile: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("prlimit", {
    args: [`--pid=${pid}`, `--nofile=${nofile}`],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
