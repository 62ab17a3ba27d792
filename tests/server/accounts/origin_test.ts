import { strictEqual as equal } from "node:assert/strict";
import { programOf } from "../../../server/accounts/origin.ts";

const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";

for (
  const [userAgent, program] of [
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox"],
    [`${WINDOWS} ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`, "Chrome"],
    [`${WINDOWS} ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, "Edge"],
    [`${WINDOWS} ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0`, "Opera"],
    [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/140.0.0.0 Safari/537.36`, "Chrome"],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
      "Safari",
    ],
    ["Mozilla/5.0 (compatible; something new)", "a browser"],
    ["curl/7.88.1", "curl"],
    ["python-requests/2.32.0", "python-requests"],
    ["Deno/2.9.6", "Deno"],
    ["node", "node"],
    ["Wget/1.21.3 (linux-gnu)", "Wget"],
    ["a".repeat(500), "a".repeat(32)],
    ["", "a program"],
    [" ", "a program"],
    ["\u001b[31mred", "a program"],
    ["name\u202egnp.exe", "name"],
    ["<b>bold</b>", "a program"],
    ["мой-браузер/1.0", "a program"],
    [null, "a program"],
  ] as const
) {
  Deno.test(`what calls itself ${JSON.stringify(userAgent?.slice(-50))} is ${program}`, () => {
    equal(programOf(userAgent), program);
  });
}
