import type { Account } from "../accounts/account_store.ts";
import type { Identity } from "../chat/member.ts";
import { guestsNotAdmitted, tokenScopeTooNarrow } from "../refusals.ts";
import { mayChat } from "../accounts/scopes.ts";
import type { Voucher } from "../accounts/voucher.ts";
import type { Attempt } from "./login_dialogue.ts";
import type { Entry, SessionParts } from "./stage.ts";

/** What an attempt comes to: somebody who may come in, or the question for the password of the account named. */
export type Admitted = Entry | { readonly passwordOf: string };

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
    return this.#counted(attempt.by, this.#attempt(attempt));
  }

  async #attempt(attempt: Attempt): Promise<Admitted> {
    const { login, hub } = this.#parts;
    switch (attempt.by) {
      case "token": {
        const { account, token } = await login.byToken(attempt.jwt);
        if (!mayChat(token.scope)) throw tokenScopeTooNarrow(token.scope);
        return this.#account(account, { token: token.id, typed: account.name, by: attempt.by });
      }
      case "password": {
        const account = await login.byPasswordAndCode(this.#address, attempt);
        return this.#account(account, { token: undefined, typed: attempt.username, by: attempt.by });
      }
      case "ticket": {
        const { account, token } = await login.byTicket(this.#address, attempt.ticket);
        return this.#account(account, { token, typed: account.name, by: attempt.by });
      }
      case "signing up": {
        hub.moderation.checkMaySignUp({ name: attempt.name, address: this.#address });
        using _claim = hub.claim(attempt.name);
        const account = await login.signUp(this.#address, { ...attempt, invitation: undefined });
        return await this.#account(account, { token: undefined, typed: attempt.username, by: attempt.by });
      }
      case "guest name":
        return this.#guest(attempt.name);
      case "name":
        if (await login.holds(attempt.name)) return { passwordOf: attempt.name };
        return this.#guest(attempt.name);
    }
  }

  /** Somebody for whom a browser speaks. @throws {Refusal} whatever keeps the account out */
  byLink(voucher: Voucher): Promise<Entry> {
    return this.#counted("link", this.#byLink(voucher));
  }

  async #counted<Outcome extends Admitted>(by: Entry["by"], outcome: Promise<Outcome>): Promise<Outcome> {
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

  async #byLink(voucher: Voucher): Promise<Entry> {
    const account = await this.#parts.login.byVoucher(voucher);
    return await this.#account(account, { token: voucher.token, typed: account.name, by: "link" });
  }

  async #account(
    account: Account,
    entry: Pick<Entry, "token" | "typed" | "by">,
  ): Promise<Entry> {
    const { id, name, role, ignored } = account;
    const identity: Identity = { name, role, ignored, account: id, address: this.#address };
    this.#parts.hub.moderation.checkMayEnter(identity);
    return { ...entry, identity, place: await this.#parts.hub.places.find(id) };
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
}
