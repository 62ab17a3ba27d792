import { z } from "zod";
import { LOCKDOWN_MODES } from "../../../chat/lockdown.ts";
import { lockDown, reopen } from "../../../commands/measures.ts";
import { badLockdownMinutes, noLockdown } from "../../../refusals.ts";
import type { LockdownInfo } from "../../../wire/admin_types.ts";
import { memberRoute } from "../../route.ts";
import { moment, shapeOf } from "../../shapes.ts";
import { shownLockdown } from "../../status.ts";
import { actorOf } from "./_actor.ts";

export const lockdownInfo = shapeOf<LockdownInfo>("Lockdown", {
  mode: z.enum(LOCKDOWN_MODES),
  until: moment,
  by: z.string().describe("The name of whoever decided it."),
});

const answers = z.object({ lockdown: lockdownInfo.nullable().describe("null where there is none.") });

export const show = memberRoute({
  method: "GET",
  path: "/admin/api/lockdown",
  scope: "admin",
  role: "admin",
  summary: "What the server is closed to for a while.",
  answers,
  run: ({ parts }) => ({ lockdown: shownLockdown(parts.hub.moderation.lockdown) }),
});

export const begin = memberRoute({
  method: "PUT",
  path: "/admin/api/lockdown",
  scope: "admin",
  role: "admin",
  summary: "Closes the server to some for a while, instead of the lockdown before, and tells all.",
  body: z.object({
    mode: z.enum(LOCKDOWN_MODES).describe(
      "`accounts-only` sends guests away; under `read-only` moderators and admins speak alone.",
    ),
    minutes: z.number().describe("A whole number, from a minute to a week."),
  }),
  badBody: `mode is one of ${LOCKDOWN_MODES.join(", ")}, minutes a number.`,
  answers,
  example: { body: { mode: "no-signups", minutes: 30 } },
  refuses: [badLockdownMinutes(10_080)],
  run: async (call, caller) => ({
    lockdown: shownLockdown(await lockDown(call.parts.hub, actorOf(call, caller), call.body)),
  }),
});

export const end = memberRoute({
  method: "DELETE",
  path: "/admin/api/lockdown",
  scope: "admin",
  role: "admin",
  summary: "Ends the lockdown, and tells all.",
  answers,
  refuses: [noLockdown()],
  async run(call, caller) {
    await reopen(call.parts.hub, actorOf(call, caller));
    return { lockdown: null };
  },
});
