import { strictEqual as equal } from "node:assert/strict";
import { counted } from "../../../web/admin/words.ts";

for (const [count, words] of [[0, "no tokens"], [1, "1 token"], [2, "2 tokens"]] as const) {
  Deno.test(`${count} of something is "${words}"`, () => equal(counted(count, "token"), words));
}
