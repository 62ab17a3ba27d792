import type { Account } from "../accounts/account_store.ts";
import type { Identity } from "../chat/member.ts";
import { guestsNotAdmitted, tokenScopeTooNarrow } from "../refusals.ts";
import { mayChat } from "../accounts/scopes.ts";
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
  async attempt(attempt: Attempt): Promise<Admitted> {
    const { login, hub } = this.#parts;
    switch (attempt.by) {
      case "token": {
        const { account, token } = await login.byToken(attempt.jwt);
        if (!mayChat(token.scope)) throw tokenScopeTooNarrow(token.scope);
        return this.#account(account, { token: token.id, typed: account.name, by: attempt.by });
      }
      case "password": {
        const account = await login.byPassword(this.#address, attempt);
        return this.#account(account, { token: undefined, typed: attempt.username, by: attempt.by });
      }
      case "signing up": {
        hub.moderation.checkMaySignUp({ name: attempt.name, address: this.#address });
        using _claim = hub.claim(attempt.name);
        const account = await login.signUp(this.#address, attempt);
        return await this.#account(account, { token: undefined, typed: attempt.username, by: attempt.by });
      }
      case "guest name":
        return this.#guest(attempt.name);
      case "name":
        if (await login.holds(attempt.name)) return { passwordOf: attempt.name };
        return this.#guest(attempt.name);
    }
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
