import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { rows } from "../../server/telemetry/metric_rows.ts";
import { scrape } from "../support/scrape.ts";
import { startServer } from "../support/start_server.ts";

const page = await read("docs/metrics.md");
const dashboard = JSON.parse(await read("docs/grafana-dashboard.json"));
const alerts = await read("docs/alerts.yml");

/** As Prometheus has it, https://prometheus.io/docs/practices/naming/: the unit of what is measured stands in its name. */
const UNITS: readonly [ending: RegExp, unit: string][] = [
  [/_seconds(_total)?$/, "seconds"],
  [/_bytes(_total)?$/, "bytes"],
  [/_messages(_total)?$/, "messages"],
];

Deno.test("the page on metrics lists what a server exposes, with type, unit and labels", async () => {
  await using server = await startServer();
  const listed = Array.from(
    page.matchAll(/^\| `(\w+)` +\| (\w+) +\| (\w*) *\| ([^|]*?) *\| (.+?) *\|$/gm),
    ([, name = "", type = "", unit = "", labels = "", use = ""]) => ({ name, type, unit, labels, use }),
  );
  deepEqual(listed.map(({ name, type }) => [name, type]), [...(await scrape(server)).types]);
  deepEqual(
    listed.map(({ name, labels }) => [name, labels]),
    rows.map(({ name, labels = [] }) => [name, labels.map((label) => `\`${label}\``).join(", ")]),
  );
  for (const { name, unit, use } of listed) {
    const [, expected = unit] = UNITS.find(([ending]) => ending.test(name)) ?? [];
    equal(unit, expected, name);
    ok(use.length > 10, name);
  }
});

Deno.test("names follow the conventions of Prometheus", () => {
  for (const { name, type, help } of rows) {
    match(name, /^(parley|process)_[a-z]+(_[a-z]+)*$/);
    equal(type === "counter", name.endsWith("_total"), name);
    match(help, /^[A-Z\d].+\.$/);
  }
});

Deno.test("the dashboard can be imported, and asks for metrics and labels that there are", () => {
  const { panels, templating, annotations } = dashboard;
  equal(new Set(panels.map(({ id }: { id: number }) => id)).size, panels.length);
  const [source] = templating.list;
  deepEqual([source.name, source.type, source.query], ["datasource", "datasource", "prometheus"]);
  const targets = panels.flatMap(({ targets }: { targets: Target[] }) => targets);
  const asked: Target[] = [...panels, ...targets, ...annotations.list, templating.list[1]];
  for (const { datasource } of asked) deepEqual(datasource, { type: "prometheus", uid: "${datasource}" });
  const expressions: string[] = [...targets, ...annotations.list].map(({ expr }) => expr);
  const shown = new Set(expressions.flatMap(metricsIn));
  for (const expression of expressions) checkExpression(expression);
  deepEqual(rows.map(({ name }) => name).filter((name) => !shown.has(name)), [
    "parley_rooms",
    "parley_build_info", // of which the servers to choose from are made
  ]);
  equal(templating.list[1].definition, "label_values(parley_build_info, instance)");
});

Deno.test("the rules for alerts ask for metrics and labels that there are", () => {
  const expressions = Array.from(alerts.matchAll(/^ +expr: (.+)$/gm), ([, expression]) => expression!);
  equal(expressions.length, alerts.match(/- alert: /g)!.length);
  for (const expression of expressions) checkExpression(expression);
});

interface Target {
  readonly datasource: unknown;
  readonly expr: string;
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
}

/** The metrics of an expression; of a histogram its own name, whatever series of it is meant. */
function metricsIn(expression: string): string[] {
  const histograms = new Set(rows.filter(({ type }) => type === "histogram").map(({ name }) => name));
  return Array.from(expression.matchAll(/\b(?:parley|process)_\w+/g), ([series]) => {
    const base = series.replace(/_(bucket|sum|count)$/, "");
    return histograms.has(base) && base !== series ? base : series;
  });
}

function checkExpression(expression: string): void {
  const metrics = metricsIn(expression).map((name) => rows.find((row) => row.name === name));
  ok(metrics.every((row) => row !== undefined), expression);
  const histogram = metrics.some((row) => row!.type === "histogram");
  equal(histogram, /_(bucket|sum|count)\b/.test(expression), expression);
  const known = ["instance", "le", "job", ...metrics.flatMap((row) => row!.labels ?? [])];
  const grouped = Array.from(expression.matchAll(/\bby \(([^)]+)\)/g), ([, labels]) => labels!.split(", "));
  const matched = Array.from(expression.matchAll(/(\w+)=~?"/g), ([, label]) => label!);
  for (const label of [...grouped.flat(), ...matched]) ok(known.includes(label), `${label} in ${expression}`);
}
