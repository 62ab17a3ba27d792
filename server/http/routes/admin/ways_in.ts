import { z } from "zod";
import {
  accountNotFound,
  badPasswordLength,
  commonPassword,
  passwordIsName,
  tooBusyToHash,
} from "../../../refusals.ts";
import type { NewPassword, PasswordLink } from "../../../wire/admin_types.ts";
import { memberRoute } from "../../route.ts";
import { done, moment, shapeOf } from "../../shapes.ts";
import { actorOf } from "./_actor.ts";

const ID = "01KGGTSV35HSKZPTQ8BV6CQ1F0";

export const newPassword = z.string().min(1).optional().describe(
  "8 to 1,024 bytes; left out, one is made up.",
);

export const madeUpPassword = z.string().nullable().describe(
  "The one that was made up, shown only now; null where one was given.",
);

export const setPassword = memberRoute({
  method: "POST",
  path: "/admin/api/people/:id/password",
  scope: "admin",
  role: "admin",
  summary:
    "Sets a password, and logs the account out everywhere; of one's own all but the token that is asked with.",
  body: z.object({ password: newPassword }),
  badBody: "password is a text, and may be left out.",
  answers: shapeOf<NewPassword>("NewPassword", { password: madeUpPassword }),
  example: { params: { id: ID }, body: {} },
  refuses: [accountNotFound(ID), badPasswordLength(), commonPassword(), passwordIsName(), tooBusyToHash()],
  async run(call, caller) {
    const { parts: { admin }, params: { id = "" }, body } = call;
    const { account, token } = caller;
    const except = account.id === id ? token.id : undefined;
    const options = { password: body.password, except };
    const madeUp = await admin.administration.setPassword(actorOf(call, caller), id, options);
    return { password: madeUp ?? null } satisfies NewPassword;
  },
});

export const linkPassword = memberRoute({
  method: "POST",
  path: "/admin/api/people/:id/password-link",
  scope: "admin",
  role: "admin",
  summary: "Gives a link by which the account's owner sets a password: once, within a day.",
  answers: shapeOf<PasswordLink>("PasswordLink", {
    url: z.string().describe("A page at the address that this call came to; shown only now."),
    expires_at: moment,
  }),
  example: { params: { id: ID } },
  refuses: [accountNotFound(ID)],
  async run(call, caller) {
    const { parts: { admin }, params: { id = "" }, request } = call;
    const { link, expiresAt } = await admin.administration.linkPassword(actorOf(call, caller), id);
    const url = `${new URL(request.url).origin}/#password=${link}`;
    return { url, expires_at: expiresAt.toISOString() } satisfies PasswordLink;
  },
});

export const resetMfa = memberRoute({
  method: "DELETE",
  path: "/admin/api/people/:id/mfa",
  scope: "admin",
  role: "admin",
  summary: "Takes away the codes of who has lost them, and the recovery codes; passkeys stay.",
  answers: done,
  example: { params: { id: ID } },
  refuses: [accountNotFound(ID)],
  async run(call, caller) {
    const { parts: { admin }, params: { id = "" } } = call;
    await admin.administration.resetMfa(actorOf(call, caller), id);
    return { message: "No code is asked for any more." };
  },
});
