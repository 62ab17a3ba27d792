// deno-lint-ignore-file no-console
/**
 * How long it takes from the start of the program until it listens and says so: `deno task bench:start [starts]
 * [messages]`, from source, or of the binary that the environment names (`PARLEY=dist/parley`).
 *
 * At first with nothing there, then on a data directory with little in it, then on one with a million messages, once all
 * of them are in the search index. To make that one takes some minutes.
 */
import { inMs, quantile } from "./_figures.ts";
import { storeMessages } from "./_stored_messages.ts";
import { Machine } from "../tests/support/run_parley.ts";

/** How often the size of the search index must be the same for it to be complete, and how far apart that is seen. */
const SAME = 5, LOOK_EVERY_MS = 2_000;

if (import.meta.main) {
  const [starts = 20, messages = 1_000_000] = Deno.args.map(Number);
  console.table({
    "first start": await measureFirst(starts),
    "with little in it": await measureAgain(starts),
    [`with ${messages.toLocaleString("en")} messages`]: await measureAgain(starts, messages),
  });
}

async function measureFirst(starts: number): Promise<Record<string, string>> {
  const tookMs: number[] = [];
  for (let count = 0; count < starts; count++) {
    await using machine = await Machine.make();
    tookMs.push(await startOn(machine));
  }
  return figures(tookMs);
}

async function measureAgain(starts: number, messages = 0): Promise<Record<string, string>> {
  await using machine = await Machine.make();
  await startOn(machine);
  if (messages > 0) {
    await storeMessages(`${machine.dataDir}/parley.db`, { messages });
    await indexAll(machine);
  }
  const tookMs: number[] = [];
  for (let count = 0; count < starts; count++) tookMs.push(await startOn(machine));
  return figures(tookMs);
}

/** Starts, and stops in order; answers how long the start took, in ms. */
async function startOn(machine: Machine): Promise<number> {
  const beganMs = performance.now();
  await using server = await machine.serve();
  const tookMs = performance.now() - beganMs;
  server.kill("SIGTERM");
  await server.ends();
  return tookMs;
}

/** Lets a server run until its search index grows no more. */
async function indexAll(machine: Machine): Promise<void> {
  await using server = await machine.serve();
  for (let [before, same] = [-1, 0]; same < SAME;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const size = await sizeOf(machine.path("data/search.sqlite"));
    same = size === before ? same + 1 : 0;
    before = size;
  }
  server.kill("SIGTERM");
  await server.ends();
}

async function sizeOf(path: string): Promise<number> {
  const sizes = [path, `${path}-wal`].map((file) => Deno.stat(file).catch(() => ({ size: 0 })));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}

function figures(tookMs: readonly number[]): Record<string, string> {
  return {
    median: inMs(quantile(tookMs, 0.5)),
    "of ten, nine within": inMs(quantile(tookMs, 0.9)),
    most: inMs(Math.max(...tookMs)),
  };
}
