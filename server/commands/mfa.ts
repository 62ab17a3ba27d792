import type { Account } from "../accounts/account_store.ts";
import { type Answer, notice } from "../chat/event.ts";
import { mfaAlreadyOn, mfaNotOn, Refusal } from "../refusals.ts";
import { minuteOf } from "./_sentences.ts";
import { command, type Context } from "./command.ts";

/** What somebody reads who has typed nothing for a code. */
const NOTHING_CHANGED = notice("Nothing was changed.");

/** What may be asked for of codes. */
const DEEDS = { "": show, on: switchOnHere, off: switchOffHere, codes: renewRecoveryCodes } as const;

export const mfa = command({
  name: "mfa",
  group: "Account",
  textOnly: true,
  usage: "[on | off | codes]",
  help: "Says by what you prove yourself beside your password; switches codes of an authenticator app " +
    "on or off, or makes other recovery codes.",
  role: "member",
  fromText: readDeed,
  run: async (context, { deed }) =>
    await DEEDS[deed](context, await context.accounts.get(context.member.account!)),
});

/** The recovery codes of somebody who has them now; nobody can look them up later. */
export function recoveryCodesNotice(codes: readonly string[]): Answer {
  return notice(
    "Codes are on. If you lose your app, each of these recovery codes stands in for a code once;",
    "write them down, for they are shown only now:",
    ...codes.map((code) => `  ${code}`),
  );
}

/**
 * Leads somebody through switching codes on.
 *
 * @returns Undefined where that one has given up.
 * @throws {Refusal} `for_text_mode`, `mfa_already_on`, `step_over`, `too_many_attempts`, `too_many_codes`
 */
export async function enrol(context: Context, account: Account): Promise<Answer | undefined> {
  const begun = context.mfa.begin(account);
  const codes = await tryCodes(context, account, {
    shown: { type: "secret", ...begun },
    use: (code) => context.mfa.switchOn(account.id, code),
  });
  return codes && recoveryCodesNotice(codes);
}

function readDeed(rest: string): { deed: keyof typeof DEEDS } | undefined {
  const deed = rest.toLowerCase();
  return Object.hasOwn(DEEDS, deed) ? { deed: deed as keyof typeof DEEDS } : undefined;
}

function show(_context: Context, { totp, recoveryCodes, passkeys }: Account): Answer {
  const codes = totp === undefined
    ? "Codes are off. /mfa on switches them on."
    : `Codes are on since ${minuteOf(totp.since)} UTC; ${recoveryCodes.length} recovery codes are left.`;
  const keys = passkeys.map(({ name, host, createdAt }) =>
    `  ${name}, for ${host}, since ${minuteOf(createdAt)} UTC`
  );
  return notice(
    codes,
    keys.length === 0 ? "You have no passkeys." : `Your passkeys (${keys.length}):`,
    ...keys,
  );
}

async function switchOnHere(context: Context, account: Account): Promise<Answer> {
  if (account.totp !== undefined) throw mfaAlreadyOn();
  return await enrol(context, account) ?? NOTHING_CHANGED;
}

async function switchOffHere(context: Context, account: Account): Promise<Answer> {
  if (account.totp === undefined) throw mfaNotOn();
  const off = await tryCodes(context, account, {
    use: (code) => context.mfa.switchOff(account.id, code).then(() => notice("Codes are off.")),
  });
  return off ?? NOTHING_CHANGED;
}

async function renewRecoveryCodes(context: Context, account: Account): Promise<Answer> {
  if (account.totp === undefined) throw mfaNotOn();
  const codes = await tryCodes(context, account, {
    use: (code) => context.mfa.renewRecoveryCodes(account.id, code),
  });
  return codes === undefined ? NOTHING_CHANGED : recoveryCodesNotice(codes);
}

/**
 * Asks for a code until one is right. Codes are guessed no faster than passwords.
 *
 * @param how.shown What comes before the first question.
 * @returns Undefined where nothing was typed.
 * @throws {Refusal} `for_text_mode`, `too_many_attempts`, and what `how.use` throws but `wrong_code`
 */
async function tryCodes<Outcome>(
  { self, login }: Context,
  account: Account,
  { shown, use }: { shown?: Answer; use: (code: string) => Promise<Outcome> },
): Promise<Outcome | undefined> {
  for (let before = shown;; before = undefined) {
    const code = (await self.ask("Code: ", before)).trim();
    if (code === "") return undefined;
    try {
      login.admitAttempt(self.address, account);
      return await use(code);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "wrong_code") throw error;
      self.show(notice(error.message));
    }
  }
}
