import assert from "node:assert/strict";
import { nearMiss } from "../../server/near_miss.ts";

const words = ["tls", "plain", "cert", "token-days", "signups-per-hour", "signups-per-hour-in-all"];

for (
  const [typed, meant] of [
    ["tls", "tls"],
    ["tsl", "tls"],
    ["tl", "tls"],
    ["TLS", "tls"],
    ["plian", "plain"],
    ["plains", "plain"],
    ["token_days", "token-days"],
    ["TOKENDAY", "token-days"],
    ["signup-per-hour", "signups-per-hour"],
    ["port", undefined],
    ["foo", undefined],
    ["", undefined],
    ["x".repeat(1_000_000), undefined],
  ] as const
) {
  Deno.test(`"${typed.slice(0, 20)}" means ${meant ?? "nothing known"}`, () => {
    assert.equal(nearMiss(typed, words), meant);
  });
}

Deno.test("of two that are equally near the first is meant", () => {
  assert.equal(nearMiss("cet", ["cert", "get"]), "cert");
});
