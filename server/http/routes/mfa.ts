import { z } from "zod";
import { mustHaveSecondFactor } from "../../accounts/mfa.ts";
import {
  mfaAlreadyOn,
  mfaNotOn,
  mfaStaysOn,
  stepOver,
  tooManyAttempts,
  tooManyCodes,
  wrongCode,
} from "../../refusals.ts";
import type { MfaInfo } from "../../wire/web_types.ts";
import { type Call, type Caller, memberRoute } from "../route.ts";
import * as shapes from "../shapes.ts";
import { shownPasskey } from "../shown.ts";

/** A code of the app, or a recovery code. */
const withCode = z.object({ code: z.string().min(1) });

const NO_CODE = "Missing code";

const example = { body: { code: "287082" } };

/** Who calls is known: it is no log-in that fails. */
const FORBIDDEN = { status: 403, message: wrongCode().message };

/** What may be wrong with a code. */
const UNFIT = [wrongCode(), tooManyCodes(60), tooManyAttempts(60)];

export const show = memberRoute({
  method: "GET",
  path: "/me/mfa",
  scope: "chat",
  beforeEnrolment: true,
  summary: "By what the account proves itself beside its password.",
  answers: shapes.mfa,
  run({ parts }, { account }) {
    const { totp, recoveryCodes, passkeys } = account;
    return {
      codes: totp === undefined ? null : { since: totp.since.toISOString() },
      recovery_codes_left: recoveryCodes.length,
      required: mustHaveSecondFactor(account, parts.settings.requireMfa),
      passkeys: passkeys.map(shownPasskey),
    } satisfies MfaInfo;
  },
});

export const begin = memberRoute({
  method: "POST",
  path: "/me/mfa",
  scope: "chat",
  beforeEnrolment: true,
  summary: "Begins to switch codes on: what the authenticator app is given. They are on with the first code.",
  answers: shapes.begunCodes,
  refuses: [mfaAlreadyOn()],
  run({ parts }, { account }) {
    const { secret, uri } = parts.mfa.begin(account);
    return { secret, uri };
  },
});

export const confirm = memberRoute({
  method: "POST",
  path: "/me/mfa/confirm",
  scope: "chat",
  beforeEnrolment: true,
  summary: "Switches codes on, by the first one; answers the recovery codes.",
  body: withCode,
  badBody: NO_CODE,
  answers: shapes.recoveryCodes,
  example,
  refuses: [stepOver(), mfaAlreadyOn(), ...UNFIT],
  words: { wrong_code: FORBIDDEN, step_over: { status: 409, message: stepOver().message } },
  async run(call, caller) {
    countAttempt(call, caller);
    return { recovery_codes: await call.parts.mfa.switchOn(caller.account.id, call.body.code) };
  },
});

export const renew = memberRoute({
  method: "POST",
  path: "/me/mfa/recovery-codes",
  scope: "chat",
  beforeEnrolment: true,
  summary: "Makes other recovery codes; those before are good for nothing any more.",
  body: withCode,
  badBody: NO_CODE,
  answers: shapes.recoveryCodes,
  example,
  refuses: [mfaNotOn(), ...UNFIT],
  words: { wrong_code: FORBIDDEN },
  async run(call, caller) {
    countAttempt(call, caller);
    return { recovery_codes: await call.parts.mfa.renewRecoveryCodes(caller.account.id, call.body.code) };
  },
});

export const off = memberRoute({
  method: "DELETE",
  path: "/me/mfa",
  scope: "chat",
  beforeEnrolment: true,
  summary: "Switches codes off.",
  body: withCode,
  badBody: NO_CODE,
  answers: shapes.done,
  example,
  refuses: [mfaNotOn(), mfaStaysOn(), ...UNFIT],
  words: { wrong_code: FORBIDDEN },
  async run(call, caller) {
    countAttempt(call, caller);
    await call.parts.mfa.switchOff(caller.account.id, call.body.code);
    return { message: "Codes are switched off." };
  },
});

/** Codes are guessed no faster than passwords. @throws {Refusal} `too_many_attempts` */
function countAttempt({ parts, address }: Call<unknown>, { account }: Caller): void {
  parts.login.admitAttempt(address, account);
}
