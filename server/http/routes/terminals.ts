import type { Link, LinkDecider } from "../../accounts/link_codes.ts";
import { linkForOther, linkNotFound, tooManyAttempts, tooManyTickets } from "../../refusals.ts";
import type { LinkRequest, Ticket } from "../../wire/web_types.ts";
import { type Call, type Caller, memberRoute } from "../route.ts";
import { done, linkRequest, ticket as ticketShape } from "../shapes.ts";

/** A code as it stands in a path. */
const example = { params: { code: "BCDF-GHJK" } };

/** Why nobody waits there, or waits for somebody else. */
const UNKNOWN = [linkNotFound(), tooManyAttempts(60)], NOT_OWN = [...UNKNOWN, linkForOther("bob")];

export const ticket = memberRoute({
  method: "POST",
  path: "/me/ticket",
  scope: "chat",
  summary: "Gives a ticket that lets one terminal in, once and within a minute: /ticket BCDF-GHJK-MNPQ.",
  answers: ticketShape,
  refuses: [tooManyTickets(60)],
  run({ parts }, { account, token }) {
    const { ticket, expiresAt } = parts.tickets.issue({ account: account.id, token: token.id });
    return { ticket, expires_at: expiresAt.toISOString() } satisfies Ticket;
  },
});

export const show = memberRoute({
  method: "GET",
  path: "/link/:code",
  scope: "chat",
  summary: "Says which terminal waits to be let in with this code, which it got by /login.",
  answers: linkRequest,
  example,
  refuses: UNKNOWN,
  run: ({ parts, ...call }, caller) => shown(parts.links.show(call.params.code ?? "", decider(call, caller))),
});

export const confirm = memberRoute({
  method: "POST",
  path: "/link/:code",
  scope: "chat",
  role: "member",
  summary: "Lets that terminal in, as the account that asks here.",
  answers: done,
  example,
  refuses: NOT_OWN,
  async run({ parts, ...call }, caller) {
    await parts.links.confirm(call.params.code ?? "", decider(call, caller));
    return { message: `The terminal is logged in as ${caller.account.name}.` };
  },
});

export const refuse = memberRoute({
  method: "DELETE",
  path: "/link/:code",
  scope: "chat",
  summary: "Refuses it, which the terminal is told.",
  answers: done,
  example,
  refuses: NOT_OWN,
  run({ parts, ...call }, caller) {
    parts.links.refuse(call.params.code ?? "", decider(call, caller));
    return { message: "Refused; the terminal has been told." };
  },
});

function decider({ address }: Pick<Call<unknown>, "address">, { account, token }: Caller): LinkDecider {
  return { account, token: token.id, address };
}

function shown({ code, address, how, username, askedAt, expiresAt }: Link) {
  return {
    code,
    address,
    how,
    username: username ?? null,
    asked_at: askedAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  } satisfies LinkRequest;
}
