import { checkPassword } from "../accounts/password_rules.ts";
import { accountNamed, type CliCommand, type Given } from "./command.ts";
import { recordDeed } from "./deed.ts";
import { ADDRESS_UNKNOWN, pagesUrl } from "./pages.ts";
import { recordsIn } from "./records.ts";
import { minuteText, print, readNewPassword, say } from "./terminal.ts";

export const passwd: CliCommand = {
  words: ["user", "passwd"],
  takes: "<username>",
  help:
    "Sets a password, asked for or read from standard input, and ends the tokens; or prints a link to do so.",
  flags: { link: "" },
  count: [1, 1],
  run: (given) => given.flags.has("link") ? linkPassword(given) : setPassword(given),
};

export const resetMfa: CliCommand = {
  words: ["user", "mfa", "reset"],
  takes: "<username>",
  help: "Takes away an account's codes and recovery codes, for who has lost them; passkeys stay.",
  flags: {},
  count: [1, 1],
  async run(given) {
    await using records = await recordsIn(given.dataDir);
    const { id, name, username } = await accountNamed(records.accounts, given.args[0]!);
    await recordDeed(records, { what: "reset codes", whom: name, why: "" });
    await records.accounts.resetMfa(id);
    say(given, `${username} is asked for no code any more`);
  },
};

async function setPassword(given: Given): Promise<void> {
  await using records = await recordsIn(given.dataDir);
  const account = await accountNamed(records.accounts, given.args[0]!);
  const { id, name, username } = account;
  const password = await readNewPassword();
  await checkPassword(password, account);
  await recordDeed(records, { what: "password", whom: name, why: "" });
  await records.accounts.setPassword(id, password);
  await records.tokens.revokeAll(id);
  await records.changes.commit({ of: "log_ins", id }, (operation) => operation); // a server ends what came in by the old one
  say(given, `The password of ${username} is set, and its tokens have ended`);
}

async function linkPassword(given: Given): Promise<void> {
  const base = await pagesUrl(given);
  await using records = await recordsIn(given.dataDir);
  const account = await accountNamed(records.accounts, given.args[0]!);
  await recordDeed(records, { what: "password link", whom: account.name, why: "" });
  const { link, expiresAt } = await records.passwordLinks.issue(account);
  const url = `${base ?? ""}/#password=${link}`;
  if (given.json) return print(JSON.stringify({ url, expires_at: expiresAt.toISOString() }));
  print(url);
  print(`Whoever opens it sets the password of ${account.username}, once, until ${minuteText(expiresAt)}.`);
  if (base === undefined) print(ADDRESS_UNKNOWN);
}
