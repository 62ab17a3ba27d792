import { ACCOUNT_ROLES, type AccountRole } from "../accounts/roles.ts";
import type { Records } from "../records.ts";
import { KvAuditTrail } from "../store/audit.ts";
import { accountNamed, type CliCommand, type Given, UsageError } from "./command.ts";
import { eraseWhatIsLeft } from "./erasing.ts";
import { recordsIn } from "./records.ts";
import { print, printTable, readNewPassword } from "./terminal.ts";

export const add: CliCommand = {
  words: ["user", "add"],
  takes: "<username>",
  help: "Makes an account; asks for the password, or reads it from standard input.",
  flags: { name: "NAME", role: ACCOUNT_ROLES.join("|") },
  count: [1, 1],
  async run({ args: [username = ""], flags, json, dataDir }) {
    const role = readRole(flags.get("role") ?? "member");
    await using records = await recordsIn(dataDir, { make: true });
    await records.accounts.checkUsernameFree(username);
    const name = flags.get("name") ?? username;
    await records.accounts.checkNameFree(name);
    const password = await readNewPassword();
    const account = await records.accounts.signUp({ username, name, password, role });
    printTable(HEADINGS, [rowOf(account)], { json });
  },
};

export const list: CliCommand = {
  words: ["user", "list"],
  takes: "",
  help: "Lists the accounts.",
  flags: {},
  count: [0, 0],
  async run({ json, dataDir }) {
    await using records = await recordsIn(dataDir);
    const accounts = await Array.fromAsync(records.accounts.list());
    printTable(HEADINGS, accounts.map(rowOf), { json });
  },
};

export const passwd: CliCommand = {
  words: ["user", "passwd"],
  takes: "<username>",
  help: "Sets a password, asked for or read from standard input; the account's tokens end.",
  flags: {},
  count: [1, 1],
  async run(given) {
    await using records = await recordsIn(given.dataDir);
    const account = await accountNamed(records.accounts, given.args[0]!);
    await records.accounts.setPassword(account.id, await readNewPassword());
    await records.tokens.revokeAll(account.id);
    say(given, `The password of ${account.username} is set, and its tokens have ended`);
  },
};

export const role: CliCommand = {
  words: ["user", "role"],
  takes: `<username> ${ACCOUNT_ROLES.join("|")}`,
  help: "Says what an account may do.",
  flags: {},
  count: [2, 2],
  async run(given) {
    const role = readRole(given.args[1]!);
    await using records = await recordsIn(given.dataDir);
    const account = await accountNamed(records.accounts, given.args[0]!);
    await recordDeed(records, { what: "role", whom: account.name, why: role });
    await records.accounts.setRole(account.id, role);
    say(given, `${account.username} is now ${role}`);
  },
};

export const disable: CliCommand = {
  words: ["user", "disable"],
  takes: "<username>",
  help: "Shuts an account out until it is enabled; its connections close.",
  flags: {},
  count: [1, 1],
  run: (given) => setDisabled(given, true),
};

export const enable: CliCommand = {
  words: ["user", "enable"],
  takes: "<username>",
  help: "Lets a disabled account in again.",
  flags: {},
  count: [1, 1],
  run: (given) => setDisabled(given, false),
};

export const remove: CliCommand = {
  words: ["user", "delete"],
  takes: "<username>",
  help: "Deletes an account for good; its names are never given out again.",
  flags: { "erase-messages": "" },
  count: [1, 1],
  async run(given) {
    await using records = await recordsIn(given.dataDir);
    const account = await accountNamed(records.accounts, given.args[0]!);
    const said = given.flags.has("erase-messages") ? "erase" : "keep";
    await recordDeed(records, { what: "delete account", whom: account.name, why: said });
    await records.accounts.delete(account.id, { said });
    const erased = await eraseWhatIsLeft(records, account.id);
    say(
      given,
      `${account.username} is deleted${erased ? "" : "; the server is still erasing what is left of it"}`,
    );
  },
};

async function setDisabled(given: Given, disabled: boolean): Promise<void> {
  await using records = await recordsIn(given.dataDir);
  const account = await accountNamed(records.accounts, given.args[0]!);
  await recordDeed(records, { what: disabled ? "disable" : "enable", whom: account.name, why: "" });
  await records.accounts.setDisabled(account.id, disabled);
  say(given, `${account.username} is ${disabled ? "disabled" : "enabled"}`);
}

/** Puts into the audit trail what the operator does. */
async function recordDeed(
  { database }: Records,
  deed: { what: string; whom: string; why: string },
): Promise<void> {
  const audit = await KvAuditTrail.open(database);
  await audit.add({ ...deed, who: "operator", from: "host" });
}

const HEADINGS = ["id", "username", "name", "role", "state", "created"];

function rowOf(
  { id, username, name, role, disabled, createdAt }: {
    id: string;
    username: string;
    name: string;
    role: string;
    disabled: boolean;
    createdAt: Date;
  },
): string[] {
  return [id, username, name, role, disabled ? "disabled" : "enabled", createdAt.toISOString()];
}

function readRole(given: string): AccountRole {
  const role = ACCOUNT_ROLES.find((known) => known === given.toLowerCase());
  if (role === undefined) throw new UsageError(`Unknown role "${given}": ${ACCOUNT_ROLES.join(", ")}`);
  return role;
}

function say({ json }: Given, sentence: string): void {
  print(json ? JSON.stringify({ message: sentence }) : `${sentence}.`);
}
