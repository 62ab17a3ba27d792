import type { Invitation } from "../accounts/invitation_store.ts";
import { type Answer, notice } from "../chat/event.ts";
import { invitationRequired, mfaRequired, passwordLoginOff, passwordsDiffer, Refusal } from "../refusals.ts";
import { type Fields, optionalWord, secretField, wordField } from "../wire/json_input.ts";
import { command, type Context } from "./command.ts";
import { enrol } from "./mfa.ts";

/** What is wanted, as far as it is said at once: what is missing is asked for. */
interface Wanted {
  readonly username: string;
  readonly name: string | undefined;
  readonly invitation: string | undefined;
  /** Of programs, which cannot be asked. */
  readonly password: string | undefined;
}

export const signup = command({
  name: "signup",
  group: "Account",
  textOnly: true,
  usage: "<username> [name]",
  help: "Makes an account for a guest, who stays connected and in the same rooms.",
  fromText: readText,
  fromJson: readFields,
  run: signUpHere,
});

/** @throws {Refusal} `passwords_differ`; it does not ask again, for each asking shows a password on the screen. */
export async function newPassword({ self }: Pick<Context, "self">): Promise<string> {
  const password = await self.ask("Password: ");
  if (await self.ask("Repeat password: ") !== password) throw passwordsDiffer();
  return password;
}

function readText(rest: string): Wanted | undefined {
  const [, username, name] = /^(\S+)(?:\s+(\S+))?$/.exec(rest) ?? [];
  return username === undefined ? undefined : { username, name, invitation: undefined, password: undefined };
}

function readFields(fields: Fields): Wanted {
  const username = wordField(fields, "username");
  return {
    username,
    name: optionalWord(fields, "name") ?? username,
    invitation: optionalWord(fields, "invitation"),
    password: secretField(fields, "password"),
  };
}

async function signUpHere(context: Context, wanted: Wanted): Promise<Answer> {
  const { member, self, login, hub } = context;
  const { username } = wanted;
  if (!member.guest) return notice(`You have an account already, ${member.name}.`);
  hub.moderation.checkMaySignUp(member);
  hub.moderation.checkMaySpeak(member); // nor does an account free from a mute
  if (!login.takesPasswords) throw passwordLoginOff();
  const invitation = await admittedInvitation(context, wanted);
  await login.checkUsername(username);
  const name = wanted.name ?? await self.ask("Choose a name: ");
  await login.checkName(name);
  hub.checkNotPresent(name, member);
  const password = wanted.password ?? await newPassword(context);
  using _claim = hub.claim(name, member); // somebody may have come in under it while the password was typed
  const account = await login.signUp(self.address, { username, name, password, invitation });
  if (login.mustEnrol(account)) {
    const codes = await enrol(context, account);
    if (codes === undefined) throw mfaRequired(); // the account is there, and waits until it has codes
    self.show(codes);
  }
  await self.allSaid(); // under the name that it was said under
  await self.becomeMember(account.id);
  if (invitation !== undefined) await hub.admitInvited({ id: account.id, address: self.address }, invitation);
  return {
    type: "signed up",
    username,
    name: member.name,
    role: member.role,
    rooms: [...member.seats.keys()],
  };
}

/**
 * The invitation by which somebody comes, for which people are asked where one is needed.
 *
 * @throws {Refusal} `signup_closed`, `invitation_required`, `invitation_not_valid`, `too_many_attempts`; `mfa_required` for
 * programs, which cannot be led through switching codes on
 */
async function admittedInvitation(context: Context, wanted: Wanted): Promise<Invitation | undefined> {
  const { self: { address }, login } = context;
  if (wanted.password === undefined) {
    return login.asksInvitation
      ? await askInvitation(context)
      : await login.admitInvitation(address, undefined);
  }
  const invitation = await login.admitInvitation(address, wanted.invitation);
  const role = invitation?.role ?? "member";
  if (login.mustEnrol({ role, totp: undefined, passkeys: [] })) throw mfaRequired();
  return invitation;
}

async function askInvitation({ self, login }: Context): Promise<Invitation | undefined> {
  for (;;) {
    const given = (await self.ask("Invitation: ")).trim();
    if (given === "") throw invitationRequired();
    try {
      return await login.admitInvitation(self.address, given);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "invitation_not_valid") throw error;
      self.show(notice(error.message));
    }
  }
}
