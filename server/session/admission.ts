import type { Account } from "../accounts/account_store.ts";
import type { FirstStep } from "../accounts/login.ts";
import { mayChat } from "../accounts/scopes.ts";
import { looksLikeToken } from "../accounts/tokens.ts";
import type { Voucher } from "../accounts/voucher.ts";
import type { Identity } from "../chat/member.ts";
import { guestsNotAdmitted, tokenNotValid, tokenScopeTooNarrow } from "../refusals.ts";
import type { Attempt, LoginState, Proven } from "./login_dialogue.ts";
import type { Entry, SessionParts, WayIn } from "./stage.ts";

/** What an attempt comes to: somebody who may come in, or what is owed before. */
export type Admitted =
  | Entry
  /** The question for a password, for a code, or for the first one of an account that must switch codes on. */
  | { readonly next: Extract<LoginState, { asks: "password" | "code" | "first code" }> }
  /** An account that has nothing but a passkey for its second factor, and so needs a browser. */
  | { readonly passkeyOf: Account };

/** Tries the doors of `accounts/login.ts` for one connection, whatever it speaks. */
export class Admission {
  #parts: SessionParts;
  /** The peer's IP address. */
  #address: string;

  constructor(parts: SessionParts, address: string) {
    this.#parts = parts;
    this.#address = address;
  }

  /** @throws {Refusal} whatever keeps somebody out */
  attempt(attempt: Attempt): Promise<Admitted> {
    return this.#counted(wayOf(attempt), this.#attempt(attempt));
  }

  /** Somebody for whom a browser speaks. @throws {Refusal} whatever keeps the account out */
  byLink(voucher: Voucher): Promise<Entry> {
    return this.#counted("link", this.#byLink(voucher));
  }

  async #attempt(attempt: Attempt): Promise<Admitted> {
    const { login } = this.#parts;
    const { by } = attempt;
    switch (by) {
      case "token": {
        const { account, token } = await login.byToken(attempt.jwt);
        if (!mayChat(token.scope)) throw tokenScopeTooNarrow(token.scope);
        return await this.#enrolled(account, { token: token.id, record: token, typed: account.name, by });
      }
      case "password":
        return await this.#secondStep(await login.byPassword(this.#address, attempt), attempt.username);
      case "code": {
        const account = await login.byCode(this.#address, attempt.of.account, attempt.code);
        return await this.#account(account, { ...attempt.of, token: undefined });
      }
      case "first code":
        return await this.#byFirstCode(attempt.of, attempt.code);
      case "password and code": {
        const account = await login.byPasswordAndCode(this.#address, attempt);
        return await this.#enrolled(account, {
          token: undefined,
          typed: attempt.username,
          by: "password",
        });
      }
      case "ticket": {
        const { account, token } = await login.byTicket(this.#address, attempt.ticket);
        return await this.#enrolled(account, { token, typed: account.name, by });
      }
      case "signing up":
        return await this.#bySigningUp(attempt);
      case "guest name":
        return await this.#guest(attempt.name);
      case "name":
        if (await login.holds(attempt.name)) return { next: { asks: "password", username: attempt.name } };
        if (looksLikeToken(attempt.name)) throw tokenNotValid(); // cut off, perhaps: nobody is to read it
        return await this.#guest(attempt.name);
    }
  }

  async #secondStep({ account, owes }: FirstStep, typed: string): Promise<Admitted> {
    if (owes.includes("code")) return { next: { asks: "code", account, typed, by: "password" } };
    if (owes.length > 0) return { passkeyOf: account };
    return await this.#orEnrol({ account, typed, by: "password" });
  }

  async #bySigningUp(attempt: Extract<Attempt, { by: "signing up" }>): Promise<Admitted> {
    const { login, hub } = this.#parts;
    const { name, username: typed, by } = attempt;
    hub.moderation.checkMaySignUp({ name, address: this.#address });
    using _claim = hub.claim(name);
    const { invitation } = attempt;
    const account = await login.signUp(this.#address, attempt);
    if (invitation !== undefined) {
      await hub.admitInvited({ id: account.id, address: this.#address }, invitation);
    }
    return await this.#orEnrol({ account, typed, by });
  }

  /** Lets somebody in, or has codes switched on first where the account must have a second factor. */
  async #orEnrol(proven: Proven): Promise<Admitted> {
    if (this.#parts.login.mustEnrol(proven.account)) return { next: { asks: "first code", ...proven } };
    return await this.#account(proven.account, { ...proven, token: undefined });
  }

  async #byFirstCode(proven: Proven, code: string): Promise<Entry> {
    const { login, mfa } = this.#parts;
    login.admitAttempt(this.#address, proven.account);
    const account = await login.stillGood(proven.account);
    const recoveryCodes = await mfa.switchOn(account.id, code);
    return { ...await this.#account(account, { ...proven, token: undefined }), recoveryCodes };
  }

  async #byLink(voucher: Voucher): Promise<Entry> {
    const account = await this.#parts.login.byVoucher(voucher);
    return await this.#enrolled(account, { token: voucher.token, typed: account.name, by: "link" });
  }

  /** Where nobody can be led through anything. @throws {Refusal} `mfa_required`, `banned` */
  #enrolled(account: Account, entry: Omit<Entry, "identity" | "place">): Promise<Entry> {
    this.#parts.login.checkEnrolled(account);
    return this.#account(account, entry);
  }

  async #account(
    account: Account,
    { token, record, typed, by }: Omit<Entry, "identity" | "place">,
  ): Promise<Entry> {
    const { id, name, role, ignored } = account;
    const identity: Identity = { name, role, ignored, account: id, address: this.#address };
    this.#parts.hub.moderation.checkMayEnter(identity);
    const place = await this.#parts.hub.places.find(id);
    return { identity, place, token, ...record && { record }, typed, by };
  }

  async #guest(typed: string): Promise<Entry> {
    const { login, hub, settings } = this.#parts;
    if (!settings.guests) throw guestsNotAdmitted();
    let name: string;
    do {
      name = await login.guestName(typed, (candidate) => !hub.isFree(candidate));
    } while (!hub.isFree(name)); // somebody took it while the accounts were looked at
    const identity: Identity = {
      name,
      role: "guest",
      account: undefined,
      ignored: [],
      address: this.#address,
    };
    hub.moderation.checkMayEnter(identity);
    return { identity, place: undefined, token: undefined, typed, by: "guest name" };
  }

  async #counted<Outcome extends Admitted>(by: WayIn, outcome: Promise<Outcome>): Promise<Outcome> {
    const { counts } = this.#parts;
    try {
      const admitted: Admitted & Outcome = await outcome;
      if ("by" in admitted) counts.tried(admitted.by, true);
      return admitted;
    } catch (error) {
      counts.tried(by, false);
      throw error;
    }
  }
}

/** What an attempt counts as that fails. */
function wayOf({ by }: Attempt): WayIn {
  return by === "code" || by === "first code" || by === "password and code" ? "password" : by;
}
