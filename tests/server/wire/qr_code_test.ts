import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { encode } from "uqr";
import { qrCodeLines } from "../../../server/wire/qr_code.ts";

const URI = "otpauth://totp/Parley:ann%40example.org?issuer=Parley&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" +
  "&algorithm=SHA1&digits=6&period=30";

Deno.test("drawn on a dark background, light modules are light and dark ones dark", () => {
  const { data } = encode(URI, { ecc: "L", border: 2 });
  deepEqual(darkModules(qrCodeLines(URI, { color: false })).slice(0, data.length), data);
});

Deno.test("with colours each line is white on black, and ends so", () => {
  const plain = qrCodeLines(URI, { color: false });
  deepEqual(qrCodeLines(URI, { color: true }), plain.map((line) => `\x1b[37;40m${line}\x1b[0m`));
});

Deno.test("an address of usual length fits into a terminal of 80 columns and 24 lines", () => {
  const lines = qrCodeLines(URI, { color: false });
  ok(lines.length <= 23, String(lines.length));
  for (const line of lines) ok(line.length <= 80, line);
});

Deno.test("what would be wider than a terminal is not drawn", () => {
  const widest = Array.from(
    { length: 30 },
    (_, index) => qrCodeLines("x".repeat(30 * index + 1), { color: false }),
  );
  ok(widest.some((lines) => lines.length === 0));
  for (const lines of widest) ok(lines.every((line) => line.length <= 80));
  equal(qrCodeLines("x".repeat(2_000), { color: false }).length, 0);
});

/** Which modules are dark, where what is not drawn is. */
function darkModules(lines: readonly string[]): boolean[][] {
  return lines.flatMap((line) => {
    const upper = Array.from(line, (half) => half !== "█" && half !== "▀");
    const lower = Array.from(line, (half) => half !== "█" && half !== "▄");
    return [upper, lower];
  });
}
