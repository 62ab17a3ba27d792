// deno-lint-ignore-file no-console
/**
 * What Parley costs those who run it, over real TLS, beside other servers: `deno task bench --help`; the README beside
 * this file says how to read what it prints.
 */
import { parseArgs } from "node:util";
import { type Contender, parley, peers } from "./_contenders.ts";
import type { Task } from "./_generator.ts";
import { machineIsQuiet, thisMachine } from "./_machine.ts";
import { faultsInWords, isClean, type Outcome } from "./_measured.ts";
import { allClean, readReport, type Report, type Result, summarize } from "./_results.ts";
import { table } from "./_table.ts";
import { type Workload, WORKLOADS } from "./_workloads.ts";

const HELP = `deno task bench [options] [workload…]

Starts Parley from its sources, or PARLEY=dist/parley, and ngircd and inspircd where they are installed, lets a crowd
chat on each over TLS from another process, and prints one table.

${WORKLOADS.map(({ name, what }) => `  ${name.padEnd(10)}  ${what}`).join("\n")}

  --seconds N         how long people talk in each run (8)
  --runs N            how often each is measured; the table has medians (1)
  --servers A,B       which servers (all that are there; parley is always first)
  --connections N     how many sit in the 10,000 seats of "rooms": 1000, 2000, 2500, 5000 or 10000 (2000)
  --against FILE      compares with an earlier result
  --save              writes the result to bench/results/
  --out FILE          writes the result there
`;

/** What was asked for on the command line. */
interface Wanted {
  readonly workloads: readonly Workload[];
  readonly seconds: number;
  readonly runs: number;
  readonly servers: readonly string[] | undefined;
  readonly against: string | undefined;
  readonly out: string | undefined;
}

if (import.meta.main) {
  const wanted = readCommandOrExit(Deno.args);
  if (wanted === undefined) console.log(HELP);
  else if (!await measure(wanted)) Deno.exit(1);
}

/** @returns Whether nothing happened to a message of Parley's that must not. */
async function measure({ workloads, seconds, runs, servers, against, out }: Wanted): Promise<boolean> {
  const earlier = against === undefined ? undefined : readReport(await Deno.readTextFile(against));
  const contenders = [await parley(), ...await peers()]
    .filter(({ name }) => name === "parley" || (servers?.includes(name) ?? true));
  const results: Result[] = [];
  for (const workload of workloads) {
    results.push(...await measureWorkload(workload, { contenders, seconds, runs }));
  }
  const report: Report = {
    date: new Date().toISOString(),
    machine: await thisMachine(),
    servers: Object.fromEntries(contenders.map(({ name, version }) => [name, version])),
    seconds,
    results,
  };
  console.log(`${describe(report, earlier)}\n\n${table(report, earlier)}`);
  if (out !== undefined) await Deno.writeTextFile(out, JSON.stringify(report, undefined, 2) + "\n");
  const faulty = results.filter((result) => !allClean(result));
  for (const result of faulty) {
    const words = result.runs.filter((run) => !isClean(run)).map(faultsInWords).join("; ");
    console.error(`\n${result.server} is NOT CLEAN under "${result.workload}": ${words}`);
  }
  return faulty.every(({ server }) => server !== "parley");
}

/**
 * The servers have their turns within each run, so that a machine in another mood is so for all. Where one of the others
 * fails, Parley's figures are still good: that one is left out of the workload.
 */
async function measureWorkload(
  workload: Workload,
  { contenders, seconds, runs }: { contenders: readonly Contender[]; seconds: number; runs: number },
): Promise<Result[]> {
  const able = contenders.filter(({ dialects }) =>
    workload.dialects?.every((dialect) => dialects.includes(dialect)) ?? true
  );
  const outcomes = able.map((): Outcome[] => []);
  for (let run = 1; run <= runs; run++) {
    for (const [index, contender] of able.entries()) {
      console.error(`${workload.name}: ${contender.name}${runs > 1 ? `, run ${run} of ${runs}` : ""}`);
      const outcome = await measureOnce(workload, contender, seconds).catch((error: Error) => {
        if (contender.name === "parley") throw error;
        console.error(`  ${contender.name} has failed, and is left out: ${error.message}`);
      });
      if (outcome !== undefined) outcomes[index]!.push(outcome);
    }
  }
  return able.flatMap(({ name }, index) =>
    outcomes[index]!.length === 0
      ? []
      : [summarize({ workload: workload.name, server: name }, outcomes[index]!)]
  );
}

async function measureOnce(workload: Workload, contender: Contender, seconds: number): Promise<Outcome> {
  await using server = await contender.start(workload);
  if (!await machineIsQuiet()) console.error("  the machine has other things to do: trust the ratios only");
  const { pid: serverPid, entrances } = server;
  return await generate({ workload, seconds, serverPid, entrances });
}

/** Has another process play the people. */
async function generate(task: Task): Promise<Outcome> {
  const generator = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", new URL("_generator.ts", import.meta.url).pathname],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = generator.output();
  const writer = generator.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(task)));
  await writer.close();
  const { success, stdout } = await output;
  if (!success) throw new Error(`The people of "${task.workload.name}" have failed`);
  return JSON.parse(new TextDecoder().decode(stdout), (_, value) => value === null ? NaN : value);
}

function describe({ date, machine, servers, seconds, results }: Report, earlier: Report | undefined): string {
  const { name, cpu, cores, memoryMib, system, deno } = machine;
  return [
    `${date}, ${name}: ${cpu}, ${cores} cores, ${memoryMib} MiB, ${system}, Deno ${deno}; load ${
      Deno.loadavg().map((load) => load.toFixed(1)).join(" ")
    }`,
    Object.values(servers).join("; "),
    `${results[0]?.runs.length ?? 0} × ${seconds} s each`,
    ...earlier === undefined
      ? []
      : [`earlier: ${earlier.date}, ${earlier.machine.name}: ${earlier.machine.cpu}`],
  ].join("\n");
}

/** Whoever has mistyped something is told what, and what there is. */
function readCommandOrExit(args: string[]): Wanted | undefined {
  try {
    return readCommand(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    Deno.exit(2);
  }
}

/**
 * @returns Undefined where help is wanted.
 * @throws {Error} where there is no such option or workload
 */
function readCommand(args: string[]): Wanted | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: "boolean" },
      seconds: { type: "string", default: "8" },
      runs: { type: "string", default: "1" },
      servers: { type: "string" },
      connections: { type: "string", default: "2000" },
      against: { type: "string" },
      save: { type: "boolean" },
      out: { type: "string" },
    },
  });
  if (values.help) return undefined;
  const unknown = positionals.find((name) => WORKLOADS.every((workload) => workload.name !== name));
  if (unknown !== undefined) {
    throw new Error(`No workload ${unknown}; there are ${WORKLOADS.map(({ name }) => name)}`);
  }
  const saved = new URL(
    `results/${new Date().toISOString().slice(0, 16).replaceAll(":", "")}-${Deno.hostname()}.json`,
    import.meta.url,
  );
  return {
    workloads: WORKLOADS
      .filter(({ name }) => positionals.length === 0 || positionals.includes(name))
      .map((workload) =>
        workload.name === "rooms" ? { ...workload, people: Number(values.connections) } : workload
      ),
    seconds: Number(values.seconds),
    runs: Number(values.runs),
    servers: values.servers?.split(","),
    against: values.against,
    out: values.out ?? (values.save ? saved.pathname : undefined),
  };
}
