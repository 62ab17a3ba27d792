import { type Answer, notice } from "../chat/event.ts";
import { noPassword, wrongPassword } from "../refusals.ts";
import { command, type Context, nothing, oneWord } from "./command.ts";
import { newPassword } from "./sign_up.ts";

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
  help: "Changes your password, which your terminal shows as you type; your other log-ins end.",
  role: "member",
  fromText: nothing,
  run: changePassword,
});

export const logout = command({
  name: "logout",
  group: "Leaving",
  usage: "",
  help: "Ends the token that you came in with, and leaves.",
  role: "member",
  fromText: nothing,
  async run({ tokens, member, self }) {
    await self.allSaid(); // to those as well who go with the token
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

async function changePassword({ accounts, tokens, mfa, hub, login, member, self }: Context): Promise<Answer> {
  const account = await accounts.get(member.account!);
  if (account.passwordHash === undefined) throw noPassword();
  const current = await self.ask("Current password: ");
  if (!await login.confirm(self.address, { account, password: current })) throw wrongPassword();
  if (account.totp !== undefined) {
    const code = await self.ask("Code: ");
    login.admitAttempt(self.address, account);
    await mfa.take(account.id, code);
  }
  await accounts.setPassword(account.id, await newPassword({ self }));
  await tokens.revokeAll(account.id, self.token);
  hub.distribution.logOut(account.id, ({ id, token }) => token !== undefined || id === self.id);
  return notice("Your password is changed.");
}
