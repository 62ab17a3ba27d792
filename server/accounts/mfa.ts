import { Secret, TOTP } from "otpauth";
import { mfaAlreadyOn, mfaNotOn, mfaStaysOn, stepOver, tooManyCodes, wrongCode } from "../refusals.ts";
import { newCode, readCode } from "./_codes.ts";
import type { Account } from "./account_store.ts";
import type { Accounts } from "./accounts.ts";
import { AttemptLimit } from "./attempt_limit.ts";
import { isAtLeast } from "./roles.ts";

/** RFC 6238 with what authenticator apps know. */
const FORM = { algorithm: "SHA1", digits: 6, period: 30 } as const;
const SECRET_BYTES = 20;

/** A clock may be so many steps of 30 s early or late. */
const WINDOW = 1;

const RECOVERY_CODES = 10;

/** Of four letters: 68 random bits, so that a plain digest keeps them safe. */
const RECOVERY_GROUPS = 4;

/**
 * How many wrong codes an account bears in an hour, wherever they come from: whoever sends them knows its password, so
 * that no stranger can shut out its owner; and a thousand addresses together find one code in some years.
 */
const MOST_WRONG_PER_HOUR = 20;

/** How long a secret waits for its first code, and how many wait at a time. */
const BEGUN_MS = 600_000;
const MOST_BEGUN = 10_000;

/** Who must have a second factor. */
export const MFA_POLICIES = ["none", "admins", "everyone"] as const;

export type MfaPolicy = (typeof MFA_POLICIES)[number];

/** What may be asked for beside the first factor. */
export type SecondFactor = "code" | "passkey";

/** What an account has of second factors, and what is expected of it. */
type Factors = Pick<Account, "role" | "totp" | "passkeys">;

/** Whether the operator wants this account to have a second factor. */
export function mustHaveSecondFactor({ role }: Pick<Account, "role">, policy: MfaPolicy): boolean {
  return policy === "everyone" || (policy === "admins" && isAtLeast(role, "admin"));
}

/** Whether it must have one and has none: it can do nothing until it has. */
export function lacksSecondFactor(account: Factors, policy: MfaPolicy): boolean {
  return mustHaveSecondFactor(account, policy) && account.totp === undefined && account.passkeys.length === 0;
}

/**
 * By which of these an account proves itself once its password was right; by none where it has not switched on codes and
 * nobody wants it to have a second factor: a passkey alone is then only one more way in.
 */
export function secondFactorsOf(account: Factors, policy: MfaPolicy): SecondFactor[] {
  const { totp, passkeys } = account;
  if (totp === undefined && !mustHaveSecondFactor(account, policy)) return [];
  return [
    ...totp === undefined ? [] : ["code" as const],
    ...passkeys.length === 0 ? [] : ["passkey" as const],
  ];
}

/** A secret that waits for its first code. */
export interface BegunTotp {
  /** Base32, to be typed into an app. */
  readonly secret: string;
  /** `otpauth://totp/…`, to be drawn as a QR code. */
  readonly uri: string;
}

/** Codes of authenticator apps, and the recovery codes for when the app is gone. */
export class Mfa {
  #parts: {
    readonly accounts: Accounts;
    readonly policy: { readonly serverName: string; readonly requireMfa: MfaPolicy };
    readonly now: () => number;
    readonly nowMs: () => number;
  };
  /** Account id → the secret that it has been given, in the order of giving. */
  #begun = new Map<string, { readonly secret: string; readonly endsAtMs: number }>();
  #wrong: AttemptLimit;

  /**
   * @param parts.policy May change while the server runs.
   * @param parts.now Milliseconds since 1970.
   * @param parts.nowMs A clock that never goes back.
   */
  constructor(
    { accounts, policy, now = Date.now, nowMs = () => performance.now() }: {
      accounts: Accounts;
      policy: { readonly serverName: string; readonly requireMfa: MfaPolicy };
      now?: () => number;
      nowMs?: () => number;
    },
  ) {
    this.#parts = { accounts, policy, now, nowMs };
    this.#wrong = new AttemptLimit({ most: MOST_WRONG_PER_HOUR, perMs: 3_600_000, now: nowMs });
  }

  /**
   * Gives an account a secret; it counts from its first code on. A second call gives another.
   *
   * @throws {Refusal} `mfa_already_on`
   */
  begin({ id, username, totp }: Pick<Account, "id" | "username" | "totp">): BegunTotp {
    if (totp !== undefined) throw mfaAlreadyOn();
    const secret = new Secret({ size: SECRET_BYTES }).base32;
    const nowMs = this.#parts.nowMs();
    for (const [account, { endsAtMs }] of this.#begun) {
      if (endsAtMs > nowMs && this.#begun.size < MOST_BEGUN) break;
      this.#begun.delete(account);
    }
    this.#begun.delete(id);
    this.#begun.set(id, { secret, endsAtMs: nowMs + BEGUN_MS });
    const label = { issuer: this.#parts.policy.serverName, label: username };
    return { secret, uri: new TOTP({ ...FORM, ...label, secret: Secret.fromBase32(secret) }).toString() };
  }

  /**
   * Switches codes on, by the first one.
   *
   * @returns The recovery codes, which nobody can look up later.
   * @throws {Refusal} `step_over`, `wrong_code`, `too_many_codes`, `mfa_already_on`
   */
  async switchOn(id: string, code: string): Promise<readonly string[]> {
    const begun = this.#begun.get(id);
    if (begun === undefined || begun.endsAtMs <= this.#parts.nowMs()) throw stepOver();
    const step = this.#guess(id, () => this.#stepOf(begun.secret, code));
    const { codes, digests } = await newRecoveryCodes(id);
    await this.#parts.accounts.change(id, (account) => {
      if (account.totp !== undefined) throw mfaAlreadyOn();
      const totp = { secret: begun.secret, since: new Date(this.#parts.now()), lastStep: step };
      return { ...account, totp, recoveryCodes: digests };
    });
    this.#begun.delete(id);
    return codes;
  }

  /**
   * Takes a code, or a recovery code in its place. Either is used up by it.
   *
   * @returns Which it was.
   * @throws {Refusal} `wrong_code`, `too_many_codes`
   */
  async take(id: string, code: string): Promise<"code" | "recovery code"> {
    const recovery = readCode(code, RECOVERY_GROUPS);
    if (recovery !== undefined) {
      await this.#takeRecoveryCode(id, recovery);
      return "recovery code";
    }
    const { totp } = await this.#parts.accounts.get(id);
    const step = this.#guess(id, () => totp && this.#stepOf(totp.secret, code));
    await this.#parts.accounts.change(id, (account) => {
      if (account.totp?.secret !== totp?.secret || step <= account.totp!.lastStep) throw wrongCode();
      return { ...account, totp: { ...account.totp!, lastStep: step } };
    });
    return "code";
  }

  /**
   * Makes other recovery codes; those before are good for nothing any more.
   *
   * @throws {Refusal} `mfa_not_on`, `wrong_code`, `too_many_codes`
   */
  async renewRecoveryCodes(id: string, code: string): Promise<readonly string[]> {
    await this.#takeWhereOn(id, code);
    const { codes, digests } = await newRecoveryCodes(id);
    await this.#parts.accounts.change(id, (account) => {
      if (account.totp === undefined) throw mfaNotOn();
      return { ...account, recoveryCodes: digests };
    });
    return codes;
  }

  /**
   * Switches codes off.
   *
   * @throws {Refusal} `mfa_not_on`, `mfa_stays_on`, `wrong_code`, `too_many_codes`
   */
  async switchOff(id: string, code: string): Promise<void> {
    const account = await this.#parts.accounts.get(id);
    const { requireMfa } = this.#parts.policy;
    if (lacksSecondFactor({ ...account, totp: undefined }, requireMfa)) throw mfaStaysOn();
    await this.#takeWhereOn(id, code);
    await this.reset(id);
  }

  /** Takes an account's codes away without asking for one. @throws {Refusal} `account_not_found` */
  reset(id: string): Promise<Account> {
    return this.#parts.accounts.resetMfa(id);
  }

  async #takeWhereOn(id: string, code: string): Promise<void> {
    if ((await this.#parts.accounts.get(id)).totp === undefined) throw mfaNotOn();
    await this.take(id, code);
  }

  async #takeRecoveryCode(id: string, code: string): Promise<void> {
    const digest = await digestOf(id, code);
    await this.#parts.accounts.change(id, (account) => {
      if (!account.recoveryCodes.includes(digest)) throw wrongCode();
      return { ...account, recoveryCodes: account.recoveryCodes.filter((other) => other !== digest) };
    });
  }

  /** @throws {Refusal} `too_many_codes` before a guess is looked at, `wrong_code` */
  #guess(id: string, look: () => number | undefined): number {
    const seconds = this.#wrong.secondsUntilFree(id);
    if (seconds > 0) throw tooManyCodes(seconds);
    const step = look();
    if (step !== undefined) return step;
    this.#wrong.take(id);
    throw wrongCode();
  }

  /** The step whose code this is, if it is one of about now. */
  #stepOf(secret: string, code: string): number | undefined {
    const token = code.replace(/[\s-]/g, "");
    if (!/^\d{6}$/.test(token)) return undefined;
    const timestamp = this.#parts.now();
    const totp = new TOTP({ ...FORM, secret: Secret.fromBase32(secret) });
    const delta = totp.validate({ token, timestamp, window: WINDOW });
    return delta === null ? undefined : totp.counter({ timestamp }) + delta;
  }
}

async function newRecoveryCodes(account: string): Promise<{ codes: string[]; digests: string[] }> {
  const codes = Array.from({ length: RECOVERY_CODES }, () => newCode(RECOVERY_GROUPS));
  return { codes, digests: await Promise.all(codes.map((code) => digestOf(account, code))) };
}

/** SHA-256, hexadecimal; with the account's id, so that one table of digests is of no use for two accounts. */
async function digestOf(account: string, code: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${account} ${code}`);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
