import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { encode } from "uqr";
import { qrPath } from "../../../web/entrance/qr_path.ts";

Deno.test("a run of dark squares is one rectangle", () => {
  equal(
    qrPath([[true, true, false, true], [false, false, false, false], [false, true, true, true]]),
    [
      "M0 0h2v1h-2z",
      "M3 0h1v1h-1z",
      "M1 2h3v1h-3z",
    ].join(""),
  );
});

Deno.test("the rectangles of a QR code are its dark squares, and no others", () => {
  const { data } = encode("otpauth://totp/Parley:ann?secret=JBSWY3DPEHPK3PXP", { border: 4 });
  const drawn = data.map((row) => row.map(() => false));
  for (const [, x, y, length] of qrPath(data).matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let step = 0; step < Number(length); step++) drawn[Number(y)]![Number(x) + step] = true;
  }
  deepEqual(drawn, data);
});
