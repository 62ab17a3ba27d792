import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { byDay } from "../../../web/admin/days.ts";

const dayOf = (at: string) => at.slice(0, 10);

Deno.test("entries stand under the day on which they happened, in the order in which they came", () => {
  const entries = ["2026-11-22T10:00Z", "2026-11-22T09:00Z", "2026-11-20T23:59Z"].map((at) => ({ at }));
  deepEqual(byDay(entries, dayOf), [
    { name: "2026-11-22", entries: [entries[0], entries[1]] },
    { name: "2026-11-20", entries: [entries[2]] },
  ]);
});

Deno.test("without entries there is no day", () => {
  deepEqual(byDay([], dayOf), []);
});
