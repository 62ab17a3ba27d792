import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { mayActOn, type Role, ROLES } from "../../../server/accounts/roles.ts";

Deno.test("one may act on those of a lower role, admins on admins as well", () => {
  const cases: Record<Role, readonly Role[]> = {
    guest: [],
    member: ["guest"],
    moderator: ["guest", "member"],
    admin: ["guest", "member", "moderator", "admin"],
  };
  for (const actor of ROLES) {
    deepEqual(ROLES.filter((target) => mayActOn(actor, target)), cases[actor], actor);
  }
});
