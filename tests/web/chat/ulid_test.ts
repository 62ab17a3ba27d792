import { strictEqual as equal } from "node:assert/strict";
import { decodeTime, ulid } from "ulid";
import { timeOfId } from "../../../web/chat/ulid.ts";

Deno.test("an id tells its moment", () => {
  for (const at of [0, 1, Date.now(), 2 ** 48 - 1]) {
    const id = ulid(at);
    equal(timeOfId(id), decodeTime(id));
  }
});
