import { z } from "zod";
import type { OwnIdentity } from "../../accounts/identities.ts";
import {
  badName,
  badUsername,
  browserOnly,
  confirmPassword,
  identityNotFound,
  invitationNotValid,
  invitationRequired,
  lastWayIn,
  nameTaken,
  originMissing,
  providerNotFound,
  providerUnreachable,
  signupClosed,
  stepOver,
  tooManyAttempts,
  tooManySteps,
} from "../../refusals.ts";
import type { IdentityInfo } from "../../wire/web_types.ts";
import { checkAtBrowser, checkConfirmed } from "../authenticate.ts";
import { memberRoute, openRoute } from "../route.ts";
import { done, identity, pendingEntry, session, wayToProvider } from "../shapes.ts";

/** A provider as it stands in a path. */
const example = { params: { provider: "corp" } };

export const begin = openRoute({
  method: "GET",
  path: "/oauth/:provider",
  answersBanned: true,
  summary: "Sends a browser to an identity provider to sign in.",
  leads: "To the provider; else to a page of this server, with `#sign-in-error=<why>`.",
  query: z.object({
    to: z.string().optional().describe("The page to come back to: `/`, `/link`, `/join` or `/admin`.").meta({
      examples: ["/link"],
    }),
  }),
  example,
  run: ({ parts, address, request, params, query }) =>
    parts.signOn.begin({ request, address }, { provider: params.provider ?? "", to: query.get("to") }),
});

export const comeBack = openRoute({
  method: "GET",
  path: "/oauth/:provider/callback",
  answersBanned: true, // once it is known who they are: admins are let in
  summary: "Where the provider sends the browser back to.",
  leads:
    "To a page of this server: signed in, or with `#sign-in=pending` where `GET /session/pending` tells what " +
    "is owed, `#linked=<provider>`, or `#sign-in-error=<why>`.",
  example,
  run: ({ parts, address, request, params, query }) =>
    parts.signOn.comeBack({ request, address }, params.provider ?? "", query),
});

export const pending = openRoute({
  method: "GET",
  path: "/session/pending",
  answersBanned: true,
  summary: "What a browser still owes that has come back from an identity provider: a code, a name, nothing.",
  answers: pendingEntry,
  run: async ({ parts, request }) => ({ ...await parts.newcomers.owed(request) }),
});

export const name = openRoute({
  method: "POST",
  path: "/session/identity",
  summary: "Makes an account for whoever has come back from an identity provider for the first time.",
  entrance: "signing up",
  body: z.object({
    name: z.string().min(1).describe("The name in chat, which is the username as well."),
    invitation: z.string().optional().describe("The code of an invitation, or what stands in its link."),
  }),
  badBody: "Missing name",
  answers: session,
  example: { body: { name: "ann" } },
  refuses: [
    stepOver(),
    originMissing(),
    badName(),
    badUsername(),
    nameTaken(),
    signupClosed(),
    invitationRequired(),
    invitationNotValid(),
    tooManyAttempts(720),
  ],
  run({ parts, address, request, body }) {
    if (!request.headers.has("origin")) throw originMissing();
    return parts.newcomers.name({ request, address }, body);
  },
});

export const list = memberRoute({
  method: "GET",
  path: "/me/identities",
  scope: "chat",
  summary: "Who the account is for identity providers, and so may come in by.",
  answers: z.array(identity),
  run: ({ parts }, { account }) => parts.identities.of(account).map(shown),
});

export const link = memberRoute({
  method: "POST",
  path: "/me/identities/:identity",
  scope: "chat",
  summary:
    "Begins to add an identity, for a browser that is signed in: it is to go to the address that is answered.",
  answers: wayToProvider,
  example: { params: { identity: "corp" } },
  refuses: [
    browserOnly(),
    confirmPassword(),
    providerNotFound(),
    providerUnreachable("Corp"),
    tooManyAttempts(60),
    tooManySteps(600),
  ],
  async run({ parts, address, request, params }, caller) {
    checkAtBrowser(caller, parts.confirmations);
    const owner = { account: caller.account.id, token: caller.token.id };
    const { url, cookie } = await parts.signOn.link({ request, address }, params.identity ?? "", owner);
    return Response.json({ url }, { headers: { "set-cookie": cookie } });
  },
});

export const unlink = memberRoute({
  method: "DELETE",
  path: "/me/identities/:identity",
  scope: "chat",
  summary: "Removes an identity, while there is another way in.",
  answers: done,
  example: { params: { identity: "q3dYh0sV9vKJc2mXw1nB7A" } },
  refuses: [identityNotFound("q3dYh0sV9vKJc2mXw1nB7A"), lastWayIn(), confirmPassword()],
  async run({ parts, params }, caller) {
    checkConfirmed(caller, parts.confirmations);
    await parts.identities.unlink(caller.account.id, params.identity ?? "");
    return { message: "Identity removed." };
  },
});

/** One of which the operator has taken the provider away goes by where it was. */
function shown({ id, provider, issuer, label, linkedAt, lastUsedAt }: OwnIdentity): IdentityInfo {
  return {
    id,
    provider: provider?.name ?? "",
    title: provider?.title ?? new URL(issuer).host,
    label,
    linked_at: linkedAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
  };
}
