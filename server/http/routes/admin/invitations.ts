import { z } from "zod";
import { MOST_INVITATION_DAYS, MOST_USES, USUAL_INVITATION } from "../../../accounts/invitations.ts";
import { ACCOUNT_ROLES } from "../../../accounts/roles.ts";
import { roomName } from "../../../chat/room_name.ts";
import { badRoomName, invitationNotFound, tooManyInvitations } from "../../../refusals.ts";
import type { InvitationRow } from "../../../wire/admin_types.ts";
import { invitationRow } from "../../invitation_row.ts";
import { type Call, memberRoute } from "../../route.ts";
import { count, done, moment, shapeOf, ulid } from "../../shapes.ts";
import { actorOf } from "./_actor.ts";

const ID = "01KGGTSV35HSKZPTQ8BV6CQ1F0";

const role = z.enum(ACCOUNT_ROLES);

const invitation = shapeOf<InvitationRow>("Invitation", {
  id: ulid,
  code: z.string().describe("For where no link can be opened.").meta({ examples: ["BCDF-GHJK-MNPQ"] }),
  url: z.string().describe("A page at the address that this call came to."),
  role: role.describe("What the new accounts may do."),
  room: z.string().nullable().describe("They are in it from the start; null for the lobby alone."),
  uses: count.describe("How many accounts it is good for."),
  used_by: z.array(z.object({ name: z.string(), at: moment })).describe("Who has come by it, in that order."),
  by: z.string().describe("Who has invited; `operator` for the commands of the host."),
  created_at: moment,
  expires_at: moment,
  revoked: z.boolean(),
  open: z.boolean().describe("Somebody may still come by it."),
});

const newInvitation = z.object({
  role: role.default(USUAL_INVITATION.role),
  room: z.string().optional().describe("Left out for the lobby alone; it is made where there is none."),
  uses: z.int().min(1).max(MOST_USES).default(USUAL_INVITATION.uses),
  days: z.int().min(1).max(MOST_INVITATION_DAYS).default(USUAL_INVITATION.days),
});

export const list = memberRoute({
  method: "GET",
  path: "/admin/api/invitations",
  scope: "admin",
  role: "admin",
  summary: "The invitations, newest first; those that have ended stay for 90 days.",
  answers: z.object({ invitations: z.array(invitation) }),
  async run(call) {
    const all = await call.parts.admin.invitations.list();
    return { invitations: await Promise.all(all.map((each) => invitationRow(each, whereFrom(call)))) };
  },
});

export const make = memberRoute({
  method: "POST",
  path: "/admin/api/invitations",
  scope: "admin",
  role: "admin",
  summary: "Invites somebody, or several, to make an account: by a link, and by a code for terminals.",
  body: newInvitation,
  badBody:
    `role is one of ${ACCOUNT_ROLES.join(", ")}, room a text, uses a whole number from 1 to ${MOST_USES}, ` +
    `days one from 1 to ${MOST_INVITATION_DAYS}; each may be left out.`,
  answers: invitation,
  example: { body: { role: "member", room: "dev", uses: 5, days: 7 } },
  refuses: [badRoomName(), tooManyInvitations(1_000)],
  async run(call, caller) {
    const { parts: { admin }, body } = call;
    const by = { ...actorOf(call, caller), role: caller.account.role };
    const room = body.room === undefined ? undefined : roomName(body.room);
    const made = await admin.administration.invite(by, { ...body, room });
    return { ...await invitationRow(made, whereFrom(call)) };
  },
});

export const revoke = memberRoute({
  method: "DELETE",
  path: "/admin/api/invitations/:id",
  scope: "admin",
  role: "admin",
  summary: "Ends an invitation; who has come by it stays.",
  answers: done,
  example: { params: { id: ID } },
  refuses: [invitationNotFound(ID)],
  async run(call, caller) {
    const { parts: { admin }, params: { id = "" } } = call;
    await admin.administration.revokeInvitation(actorOf(call, caller), id);
    return { message: "The invitation has ended." };
  },
});

function whereFrom({ parts: { admin: { invitations } }, request }: Call<unknown>) {
  return { invitations, origin: new URL(request.url).origin };
}
