import { strict as assert } from "node:assert";
import type { Circumstances, Measured } from "../../bench/_measured.ts";
import { readReport, type Report, type Result, summarize } from "../../bench/_results.ts";
import { ratio, table } from "../../bench/_table.ts";

const MEASURED: Measured = {
  cpuUsPerDelivery: 10,
  deliveriesPerSecond: 6_000,
  p50Ms: 4,
  p99Ms: 8,
  p999Ms: 16,
  kibPerConnection: 20,
  joinsPerSecond: 500,
  recoverySeconds: 1.5,
};

const RUN: Circumstances = {
  said: 160,
  received: 47_840,
  faults: { lost: 0, doubled: 0, misordered: 0, damaged: 0, strayed: 0, dropped: 0 },
  stalls: 0,
  limit: "pace",
  serverCores: 0.1,
  generatorCores: 0.1,
  othersCores: 0,
  lateP99Ms: 0.1,
};

function result(
  server: string,
  { workload = "quiet", measured, run }: {
    workload?: string;
    measured?: Partial<Measured>;
    run?: Partial<Circumstances>;
  } = {},
): Result {
  return { workload, server, measured: { ...MEASURED, ...measured }, runs: [{ ...RUN, ...run }] };
}

/** The cells of the table's rows, without the headings. */
function rows(results: readonly Result[], earlier?: readonly Result[]): string[][] {
  const lines = table({ results }, earlier && { results: earlier }).split("\n").slice(1);
  return lines.map((line) => line.split(/ {2,}/));
}

Deno.test("each server has a row, and Parley one for each as a multiple of it", () => {
  const [parley, peer, multiple, ...more] = rows([
    result("parley"),
    result("ngircd", { measured: { cpuUsPerDelivery: 12.5, p99Ms: 4 } }),
  ]);
  assert.deepEqual(parley?.slice(0, 5), ["quiet", "parley", "10.00", "6,000", "4.00"]);
  assert.deepEqual(peer?.slice(0, 3), ["quiet", "ngircd", "12.50"]);
  assert.deepEqual(multiple, [
    "quiet",
    "parley ÷ ngircd",
    "0.80",
    "1.00",
    "1.00",
    "2.00",
    "1.00",
    "1.00",
    "1.00",
    "1.00",
  ]);
  assert.deepEqual(more, []);
});

Deno.test("an earlier result is compared with that of the same server under the same workload", () => {
  const now = [result("parley", { workload: "busy", measured: { cpuUsPerDelivery: 5 } })];
  const earlier = [
    result("parley", { workload: "quiet", measured: { cpuUsPerDelivery: 1 } }),
    result("ngircd", { workload: "busy", measured: { cpuUsPerDelivery: 2 } }),
    result("parley", { workload: "busy", measured: { cpuUsPerDelivery: 10 } }),
  ];
  assert.deepEqual(rows(now, earlier)[1]?.slice(0, 3), ["busy", "parley ÷ earlier", "0.50"]);
  assert.equal(rows([result("parley", { workload: "rooms" })], earlier).length, 1);
});

Deno.test("what cannot be known is a dash, and so is what it is a multiple of", () => {
  const cells = rows([result("parley", { measured: { cpuUsPerDelivery: NaN } }), result("ngircd")]);
  assert.equal(cells[0]?.[2], "–");
  assert.equal(cells[2]?.[2], "–");
  assert.ok(Number.isNaN(ratio(1, 0)));
});

Deno.test("where deliveries are lost there are none without loss, and the row says so", () => {
  const [row] = rows([result("parley", { run: { faults: { ...RUN.faults, lost: 3, doubled: 1 } } })]);
  assert.equal(row?.[3], "–");
  assert.equal(row?.at(-1), "NOT CLEAN: 3 lost, 1 doubled");
});

Deno.test("of several runs the table has the median", () => {
  const runs = [30, 10, 20].map((p50Ms) => ({ measured: { ...MEASURED, p50Ms }, circumstances: RUN }));
  assert.equal(summarize({ workload: "quiet", server: "parley" }, runs).measured.p50Ms, 20);
  assert.equal(summarize({ workload: "quiet", server: "parley" }, runs.slice(1)).measured.p50Ms, 15);
});

Deno.test("a result that was written can be read, with what is unknown in it", () => {
  const report: Report = {
    date: "2026-02-03T04:05:06.789Z",
    machine: { name: "vm", cpu: "a CPU", cores: 2, memoryMib: 4_096, system: "linux", deno: "2.9.6" },
    servers: { parley: "parley 0.1.0" },
    seconds: 8,
    results: [result("parley", { measured: { cpuUsPerDelivery: NaN } })],
  };
  assert.deepEqual(readReport(JSON.stringify(report)), report);
  assert.throws(() => readReport("{}"));
});
