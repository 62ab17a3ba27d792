import type { Account } from "../accounts/account_store.ts";
import { mayAdminister, readScope } from "../accounts/scopes.ts";
import type { TokenRecord } from "../accounts/token_store.ts";
import { resolveTokenDays } from "../config.ts";
import { KvSettingStore } from "../store/settings.ts";
import { accountNamed, type CliCommand, readNumber, UsageError } from "./command.ts";
import { recordsIn } from "./records.ts";
import { print, printTable } from "./terminal.ts";

const MOST_DAYS = 3650;

export const issue: CliCommand = {
  words: ["token", "issue"],
  takes: "<username>",
  help: "Issues an access token and prints it, this once.",
  flags: { days: "DAYS", name: "TEXT", scope: "SCOPE" },
  count: [1, 1],
  async run({ args: [username = ""], flags, json, dataDir, sources }) {
    const given = flags.get("days");
    const asked = given === undefined ? undefined : readNumber(given, { flag: "days", most: MOST_DAYS });
    await using records = await recordsIn(dataDir);
    const days = asked ?? resolveTokenDays(sources, await new KvSettingStore(records.database).all());
    const account = await accountNamed(records.accounts, username);
    const label = flags.get("name") ?? "cli";
    const scope = readScopeFor(account, flags.get("scope") ?? "chat");
    const { jwt, record } = await records.tokens.issue(account.id, { days, label, scope });
    if (json) print(JSON.stringify({ id: record.id, token: jwt, expires: record.expiresAt.toISOString() }));
    else print(jwt);
  },
};

export const list: CliCommand = {
  words: ["token", "list"],
  takes: "[username]",
  help: "Lists the access tokens of an account, or all.",
  flags: {},
  count: [0, 1],
  async run({ args: [username], json, dataDir }) {
    await using records = await recordsIn(dataDir);
    const account = username === undefined ? undefined : await accountNamed(records.accounts, username);
    const accounts = new Map(
      (await Array.fromAsync(records.accounts.list())).map(({ id, username }) => [id, username]),
    );
    const tokens = await records.tokens.list(account?.id);
    const rows = tokens.map((token) => rowOf(token, accounts.get(token.account) ?? "(deleted)"));
    printTable(["id", "username", "name", "scope", "state", "issued", "expires"], rows, { json });
  },
};

export const revoke: CliCommand = {
  words: ["token", "revoke"],
  takes: "<id>",
  help: "Ends an access token; the connections that came in by it close.",
  flags: {},
  count: [1, 1],
  async run({ args: [id = ""], json, dataDir }) {
    await using records = await recordsIn(dataDir);
    await records.tokens.revoke(id);
    const sentence = `Token ${id} has ended`;
    print(json ? JSON.stringify({ message: sentence }) : `${sentence}.`);
  },
};

function rowOf({ id, label, scope, revoked, issuedAt, expiresAt }: TokenRecord, username: string): string[] {
  const state = revoked ? "revoked" : expiresAt <= new Date() ? "expired" : "valid";
  return [id, username, label, scope, state, issuedAt.toISOString(), expiresAt.toISOString()];
}

function readScopeFor({ username, role }: Account, given: string): string {
  const scope = readScope(given);
  if (scope === undefined) {
    throw new UsageError(
      `Bad value "${given}" for --scope: chat, admin, read:#ROOM, post:#ROOM, or several with spaces between`,
    );
  }
  if (mayAdminister(scope) && role !== "admin") {
    throw new UsageError(`Cannot issue a token for admin: ${username} is ${role}; see parley user role`);
  }
  return scope;
}
