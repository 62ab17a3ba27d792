// deno-lint-ignore-file no-console
/**
 * What log-ins cost the server and those who chat meanwhile: `deno run -A bench/logins_bench.ts [ways] [flood]`; without a
 * word, both. It starts the server from its sources, or the binary that the environment names (`PARLEY=dist/parley`).
 */
import type { Figures } from "./_figures.ts";
import { measureFlood } from "./_flood.ts";
import { measureWaysIn } from "./_ways_in.ts";

const PARTS: Readonly<Record<string, () => Promise<Figures>>> = { ways: measureWaysIn, flood: measureFlood };

if (import.meta.main) {
  for (const part of Deno.args.length === 0 ? Object.keys(PARTS) : Deno.args) {
    const measure = PARTS[part];
    if (measure === undefined) throw new Error(`No part ${part}; there are ${Object.keys(PARTS).join(", ")}`);
    console.table(await measure());
  }
}
