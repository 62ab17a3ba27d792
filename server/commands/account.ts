import { grantableScope, mayChat, readScope } from "../accounts/scopes.ts";
import type { TokenRecord } from "../accounts/token_store.ts";
import { notice } from "../chat/event.ts";
import { loggedOutEverywhere, passwordsDiffer, wrongPassword } from "../refusals.ts";
import { checkConfirmed, command, type Context, nothing, oneWord } from "./command.ts";

export const signup = command({
  name: "signup",
  group: "Account",
  textOnly: true,
  usage: "<username> [name]",
  help: "Makes an account for a guest, who stays connected.",
  fromText: readSignup,
  run: signUpHere,
});

export const name = command({
  name: "name",
  group: "Account",
  usage: "<new>",
  help: "Changes your name; the old one stays yours.",
  role: "member",
  fromText: oneWord,
  async run({ accounts, hub, member, self }, { word }) {
    await accounts.checkNameFree(word, member.account);
    using _claim = hub.claim(word, member);
    await self.allSaid();
    const account = await accounts.rename(member.account!, word);
    hub.rename(member, account.name);
  },
});

export const password = command({
  name: "password",
  group: "Account",
  textOnly: true,
  usage: "",
  help: "Changes your password, which your terminal shows as you type; your other tokens end.",
  role: "member",
  fromText: nothing,
  run: changePassword,
});

export const tokens = command({
  name: "tokens",
  group: "Account",
  usage: "[new [label] [scope…] | revoke <id>]",
  help:
    "Lists your access tokens, makes one to paste at the next connection or for a program, or ends one. " +
    "Scopes: chat, admin, read:#<room>, post:#<room>.",
  role: "member",
  fromText: readTokens,
  run: useTokens,
});

export const logout = command({
  name: "logout",
  group: "Leaving",
  usage: "",
  help: "Ends the token that you came in with, and leaves.",
  role: "member",
  fromText: nothing,
  async run({ tokens, member, self }) {
    if (self.token !== undefined && !self.tokenIsLent) await tokens.revoke(self.token, member.account);
    self.leave("You are logged out. Goodbye.");
  },
});

export const exit = command({
  name: "exit",
  aliases: ["quit"],
  group: "Leaving",
  usage: "",
  help: "Leaves; .exit does the same.",
  fromText: nothing,
  run: ({ self }) => self.leave("Goodbye."),
});

function readSignup(rest: string): { username: string; name: string | undefined } | undefined {
  const [, username, name] = /^(\S+)(?:\s+(\S+))?$/.exec(rest) ?? [];
  return username === undefined ? undefined : { username, name };
}

async function signUpHere(
  { member, self, login, hub }: Context,
  { username, name }: { username: string; name: string | undefined },
) {
  if (!member.guest) return notice(`You have an account already, ${member.name}.`);
  hub.moderation.checkMaySignUp(member);
  hub.moderation.checkMaySpeak(member); // nor does an account free from a mute
  await login.checkUsername(username);
  const wantedName = name ?? await self.ask("Choose a name: ");
  await login.checkName(wantedName);
  hub.checkNotPresent(wantedName, member);
  const password = await newPassword(self);
  using _claim = hub.claim(wantedName, member); // somebody may have come in under it while the password was typed
  const wanted = { username, name: wantedName, password, invitation: undefined };
  const account = await login.signUp(self.address, wanted);
  await self.becomeMember(account.id);
  return notice(`You have an account now, ${account.name}. Next time: /login ${account.username}`);
}

async function changePassword({ accounts, tokens, hub, login, member, self }: Context) {
  const account = await accounts.find(member.account!);
  const current = await self.ask("Current password: ");
  const right = await login.confirm(self.address, { account: account!, password: current });
  if (!right) throw wrongPassword();
  await accounts.setPassword(member.account!, await newPassword(self));
  await tokens.revokeAll(member.account!, self.token);
  hub.distribution.disconnect(
    ({ id, account, token }) => account === member.account && token === undefined && id !== self.id,
    loggedOutEverywhere().message,
    "kicked",
  );
  return notice("Your password is changed.");
}

/** @throws {Refusal} `passwords_differ`; it does not ask again, for each asking shows a password on the screen. */
async function newPassword(self: Context["self"]): Promise<string> {
  const password = await self.ask("Password: ");
  if (await self.ask("Repeat password: ") !== password) throw passwordsDiffer();
  return password;
}

type TokenDeed =
  | { do: "list" }
  | { do: "new"; label: string; scope: string }
  | { do: "revoke"; id: string };

function readTokens(rest: string): TokenDeed | undefined {
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

async function useTokens(context: Context, deed: TokenDeed) {
  const { tokens, member, self, settings } = context;
  switch (deed.do) {
    case "list": {
      const live = (await tokens.list(member.account)).filter((token) =>
        !token.revoked && token.expiresAt > new Date()
      );
      const lines = live.map((token) => describe(token, self.token));
      return notice(
        live.length === 0 ? "You have no tokens. /tokens new makes one." : `Your tokens (${live.length}):`,
        ...lines,
      );
    }
    case "new": {
      const own = await scopeOf({ tokens, member, self });
      const scope = grantableScope(deed.scope, { role: member.role, own });
      if (member.role === "admin" && mayChat(scope)) await checkConfirmed(context);
      const { jwt, record } = await tokens.issue(member.account!, {
        days: settings.tokenDays,
        label: deed.label,
        scope,
      });
      const until = record.expiresAt.toISOString().slice(0, 10);
      const use = mayChat(scope)
        ? `Paste this as the first line to come in as ${member.name}`
        : `A token for the HTTP API, good for ${scope}`;
      return notice(`${use}, until ${until}; it is shown only now:`, jwt);
    }
    case "revoke":
      await tokens.revoke(deed.id, member.account);
      return notice("That token has ended, and with it every connection that came in by it.");
  }
}

/** What the token is good for that somebody has come in by; undefined where it was a password. */
async function scopeOf({ tokens, member, self }: Pick<Context, "tokens" | "member" | "self">) {
  if (self.token === undefined) return undefined;
  return (await tokens.list(member.account)).find(({ id }) => id === self.token)?.scope ?? "";
}

function describe({ id, label, scope, issuedAt, expiresAt }: TokenRecord, own: string | undefined): string {
  const from = issuedAt.toISOString().slice(0, 10);
  const until = expiresAt.toISOString().slice(0, 10);
  const narrow = scope === "chat" ? "" : `  for ${scope}`;
  return `${id}  ${from} to ${until}  ${label}${narrow}${id === own ? "  (this connection)" : ""}`;
}
