import { cpuSecondsOf } from "./_figures.ts";

/** Where figures come from. */
export interface MachineInfo {
  readonly name: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMib: number;
  readonly system: string;
  readonly deno: string;
}

export async function thisMachine(): Promise<MachineInfo> {
  const cpuinfo = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return {
    name: Deno.hostname(),
    cpu: /^model name\s*: (.+)$/m.exec(cpuinfo)?.[1] ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    memoryMib: Math.round(Deno.systemMemoryInfo().total / 1_048_576),
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    deno: Deno.version.deno,
  };
}

/** What processes have used so far, in seconds of one core; Linux only, NaN elsewhere. */
export interface CpuUse {
  readonly atS: number;
  readonly server: number;
  readonly generator: number;
  /** All processes of the machine. */
  readonly all: number;
}

export async function cpuUse(serverPid: number): Promise<CpuUse> {
  const [server, generator, all] = await Promise.all([
    cpuSecondsOf(serverPid),
    cpuSecondsOf(Deno.pid),
    cpuSecondsOfAll(),
  ]);
  return { atS: performance.now() / 1_000, server, generator, all };
}

/** Shares of one core that were used between two looks. */
export function shares(from: CpuUse, to: CpuUse): { server: number; generator: number; others: number } {
  const seconds = to.atS - from.atS;
  const server = (to.server - from.server) / seconds;
  const generator = (to.generator - from.generator) / seconds;
  return { server, generator, others: Math.max(0, (to.all - from.all) / seconds - server - generator) };
}

/** Waits until the machine has little else to do, for so long at most; answers whether it has. */
export async function machineIsQuiet(): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    const before = await cpuSecondsOfAll();
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (!(await cpuSecondsOfAll() - before > 0.05)) return true;
  }
  return false;
}

/** User, nice, system, and interrupts. */
async function cpuSecondsOfAll(): Promise<number> {
  const stat = await Deno.readTextFile("/proc/stat").catch(() => "");
  const [user = NaN, nice = NaN, system = NaN, , , irq = NaN, softirq = NaN] =
    /^cpu +(.+)$/m.exec(stat)?.[1]?.split(" ").map(Number) ?? [];
  return (user + nice + system + irq + softirq) / 100;
}
