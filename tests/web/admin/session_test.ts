import { rejects, strictEqual as equal } from "node:assert/strict";
import { isGivenUp, Session } from "../../../web/admin/session.ts";

Deno.test("however many calls want the password, it is asked for once", async () => {
  const session = new Session();
  const [one, other] = [session.confirmed(), session.confirmed()];
  equal(session.passwordWanted.value, true);
  session.giveUp();
  await rejects(one, isGivenUp);
  await rejects(other, isGivenUp);
  equal(session.passwordWanted.value, false);
});

Deno.test("after the password was not given, the next call asks for it again", async () => {
  const session = new Session();
  const one = session.confirmed();
  session.giveUp();
  await rejects(one, isGivenUp);
  const other = session.confirmed();
  equal(session.passwordWanted.value, true);
  session.giveUp();
  await rejects(other, isGivenUp);
});
