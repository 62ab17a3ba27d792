import { strictEqual as equal } from "node:assert/strict";
import { Confirmations } from "../../../server/accounts/confirmations.ts";

const HOUR_MS = 3_600_000;

Deno.test("who logged in less than twelve hours ago is not asked again", () => {
  const token = { id: "a", issuedAt: new Date(0) };
  equal(new Confirmations(() => 12 * HOUR_MS - 1).isConfirmed(token), true);
  equal(new Confirmations(() => 12 * HOUR_MS).isConfirmed(token), false);
});

Deno.test("giving the password once more is good for twelve hours, and for that session alone", () => {
  let nowMs = 20 * HOUR_MS;
  const confirmations = new Confirmations(() => nowMs);
  const [token, other] = [{ id: "a", issuedAt: new Date(0) }, { id: "b", issuedAt: new Date(0) }];
  confirmations.confirm("a");
  nowMs += 12 * HOUR_MS - 1;
  equal(confirmations.isConfirmed(token), true);
  equal(confirmations.isConfirmed(other), false);
  nowMs += 1;
  equal(confirmations.isConfirmed(token), false);
});

Deno.test("of very many sessions those are forgotten that were confirmed first", () => {
  const confirmations = new Confirmations(() => 20 * HOUR_MS);
  const issuedAt = new Date(0);
  for (let count = 0; count <= 10_000; count++) confirmations.confirm(String(count));
  equal(confirmations.isConfirmed({ id: "0", issuedAt }), false);
  equal(confirmations.isConfirmed({ id: "1", issuedAt }), true);
  equal(confirmations.isConfirmed({ id: "10000", issuedAt }), true);
});
