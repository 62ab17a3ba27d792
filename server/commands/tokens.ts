import { isValid as isUlid } from "ulid";
import type { Origin } from "../accounts/origin.ts";
import { grantableScope, mayChat, readScope } from "../accounts/scopes.ts";
import type { TokenRecord } from "../accounts/token_store.ts";
import { type Answer, notice } from "../chat/event.ts";
import { connectionEnded, tokenNotFound } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import { minuteOf } from "./_sentences.ts";
import { checkConfirmed, command, type Context, type OwnConnection } from "./command.ts";

export const tokens = command({
  name: "tokens",
  group: "Account",
  usage: "[new [label] [scope…] | revoke <id>]",
  help:
    "Lists your access tokens and your connections, makes a token to paste at the next connection or for a program, " +
    "or ends one or the other. Scopes: chat, admin, read:#<room>, post:#<room>.",
  role: "member",
  fromText: readDeed,
  run: useTokens,
});

type TokenDeed =
  | { do: "list" }
  | { do: "new"; label: string; scope: string }
  | { do: "revoke"; id: string };

function readDeed(rest: string): TokenDeed | undefined {
  const [deed = "", ...words] = rest.split(/\s+/);
  if (deed === "") return { do: "list" };
  if (deed === "new") return { do: "new", ...readNewToken(words) };
  return deed === "revoke" && words.length === 1 ? { do: "revoke", id: words[0]! } : undefined;
}

/** What is a scope at the end is one; the rest is what the token is called. */
function readNewToken(words: readonly string[]): { label: string; scope: string } {
  const labelWords = words.findLastIndex((word) => readScope(word) === undefined) + 1;
  return {
    label: words.slice(0, labelWords).join(" ").slice(0, 64) || "terminal",
    scope: words.slice(labelWords).join(" ") || "chat",
  };
}

async function useTokens(context: Context, deed: TokenDeed): Promise<Answer> {
  switch (deed.do) {
    case "list":
      return await list(context);
    case "new":
      return await issue(context, deed);
    case "revoke":
      return await revoke(context, deed.id);
  }
}

async function list({ tokens, sessions, member, self }: Context): Promise<Answer> {
  const live = await Array.fromAsync(tokens.live(member.account));
  const connections = sessions.of(member.account!);
  return notice(
    live.length === 0 ? "You have no tokens. /tokens new makes one." : `Your tokens (${live.length}):`,
    ...live.map((token) => tokenLine({ ...token, lastUse: tokens.lastUse(token) }, self.token)),
    `Your connections (${connections.length}):`,
    ...connections.map((connection) => connectionLine(connection, self.id)),
  );
}

async function issue(
  context: Context,
  { label, scope: wanted }: { label: string; scope: string },
): Promise<Answer> {
  const { tokens, member, self, settings: { tokenDays: days } } = context;
  const scope = grantableScope(wanted, { role: member.role, own: await scopeOf(context) });
  if (member.role === "admin" && mayChat(scope)) await checkConfirmed(context);
  const { jwt, record } = await tokens.issue(member.account!, { days, label, scope, to: self.origin });
  const until = record.expiresAt.toISOString().slice(0, 10);
  const use = mayChat(scope)
    ? `Paste this as the first line to come in as ${member.name}`
    : `A token for the HTTP API, good for ${scope}`;
  return notice(`${use}, until ${until}; it is shown only now:`, jwt);
}

/** @throws {Refusal} `token_not_found` */
async function revoke({ tokens, sessions, member, self }: Context, id: string): Promise<Answer> {
  if (isUlid(id)) {
    await tokens.revoke(id, member.account);
    return notice("That token has ended, and with it every connection that came in by it.");
  }
  const connection = sessions.of(member.account!).find((own) => own.id === id);
  if (connection === undefined) throw tokenNotFound(quotable(id));
  if (id === self.id) self.leave("You have ended this connection. Goodbye.");
  else connection.end(connectionEnded().message, "kicked");
  return notice("That connection has ended.");
}

/** What the token is good for that somebody has come in by; undefined where it was a password. */
async function scopeOf({ tokens, member, self }: Context): Promise<string | undefined> {
  if (self.token === undefined) return undefined;
  return (await tokens.list(member.account)).find(({ id }) => id === self.token)?.scope ?? "";
}

function tokenLine(token: TokenRecord, own: string | undefined): string {
  const { id, label, scope, issuedAt, issuedTo, expiresAt, lastUse } = token;
  const narrow = scope === "chat" ? "" : `  for ${scope}`;
  const period = `${dayOf(issuedAt)} to ${dayOf(expiresAt)}`;
  const to = issuedTo === undefined ? "" : `  issued to ${placeOf(issuedTo)}`;
  const used = lastUse === undefined
    ? "never used"
    : `last used ${minuteOf(lastUse.at)} UTC from ${placeOf(lastUse)}`;
  return `${id}  ${period}  ${label}${narrow}${id === own ? "  (this connection)" : ""}${to}  ${used}`;
}

function connectionLine({ id, origin, how, present, since }: OwnConnection, own: string): string {
  const by = present === undefined ? "" : `  by ${present.by}`;
  return `${id}  ${placeOf(origin)}  ${how}${by}  since ${minuteOf(since)} UTC${
    id === own ? "  (this one)" : ""
  }`;
}

function placeOf({ address, how }: Origin): string {
  return `${address} by ${how}`;
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
