import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { rowWindow } from "../../../web/shared/row_window.ts";

const ROW_PX = 36;

Deno.test("at the top, the rows in sight and some below are drawn", () => {
  deepEqual(rowWindow({ scrolledPx: 0, heightPx: 700, rowPx: ROW_PX, rows: 10_000 }), { from: 0, to: 48 });
});

Deno.test("a step of scrolling within the same rows draws nothing anew", () => {
  const at = (scrolledPx: number) => rowWindow({ scrolledPx, heightPx: 700, rowPx: ROW_PX, rows: 10_000 });
  deepEqual(at(5_000 * ROW_PX + 40), at(5_000 * ROW_PX + 80));
});

Deno.test("at the end, the last row is drawn", () => {
  const { to } = rowWindow({ scrolledPx: 10_000 * ROW_PX - 700, heightPx: 700, rowPx: ROW_PX, rows: 10_000 });
  deepEqual(to, 10_000);
});

Deno.test("all rows in sight are drawn, and never many more", () => {
  const whole = fc.integer({ min: 0, max: 400_000 });
  fc.assert(fc.property(whole, fc.integer({ min: 1, max: 4_000 }), whole, (scrolledPx, heightPx, rows) => {
    const { from, to } = rowWindow({ scrolledPx, heightPx, rowPx: ROW_PX, rows });
    const inSight = Math.ceil(heightPx / ROW_PX) + 1;
    ok(0 <= from && from <= to && to <= rows);
    ok(from === to || from * ROW_PX <= scrolledPx || to === rows);
    ok(to === rows || to * ROW_PX >= scrolledPx + heightPx);
    ok(to - from <= inSight + 64);
  }));
});

Deno.test("a table that has become shorter than where it was scrolled to draws its last rows or none", () => {
  const { from, to } = rowWindow({ scrolledPx: 90_000, heightPx: 700, rowPx: ROW_PX, rows: 10 });
  deepEqual({ from, to }, { from: 10, to: 10 });
});
