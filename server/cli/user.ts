import type { Account } from "../accounts/account_store.ts";
import { ACCOUNT_ROLES } from "../accounts/roles.ts";
import { accountNamed, type CliCommand, type Given, readRole } from "./command.ts";
import { recordDeed } from "./deed.ts";
import { eraseWhatIsLeft } from "./erasing.ts";
import { recordsIn } from "./records.ts";
import { print, printTable, readNewPassword, say } from "./terminal.ts";

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
    printAccounts([account], { json });
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
    printAccounts(await Array.fromAsync(records.accounts.list()), { json });
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

/** Programs are told as well by what each comes in, for which a table has no room. */
function printAccounts(accounts: readonly Account[], { json }: { json: boolean }): void {
  if (json) {
    return print(
      JSON.stringify(accounts.map((account) => ({ ...rowOf(account), ...waysInOf(account) })), null, 2),
    );
  }
  const rows = accounts.map(rowOf);
  printTable(HEADINGS, rows.map((row) => HEADINGS.map((heading) => row[heading])), { json });
}

const HEADINGS = ["id", "username", "name", "role", "state", "created"] as const;

function rowOf({ id, username, name, role, disabled, createdAt }: Account) {
  const state = disabled ? "disabled" : "enabled";
  return { id, username, name, role, state, created: createdAt.toISOString() };
}

function waysInOf({ passwordHash, totp, passkeys, identities }: Account) {
  return {
    has_password: passwordHash !== undefined,
    codes: totp !== undefined,
    passkeys: passkeys.length,
    identities: identities.length,
  };
}
