import { createHash } from "node:crypto";
import {
  accountDisabled,
  identityNotAllowed,
  identityNotFound,
  lastWayIn,
  providerNotFound,
  Refusal,
  tooManyIdentities,
} from "../refusals.ts";
import { chatNamesOf, isOnList, labelOf } from "./_vouched.ts";
import type { Account, LinkedIdentity } from "./account_store.ts";
import type { Accounts } from "./accounts.ts";
import type { Administration } from "./administration.ts";
import type { IdentityProvider, Vouched } from "./identity_provider.ts";
import type { Invitation } from "./invitation_store.ts";
import type { FirstStep, Login } from "./login.ts";
import type { Voucher } from "./voucher.ts";
import type { WaysIn } from "./ways_in.ts";

/** How many identities an account may have. */
const MOST_OF_ACCOUNT = 20;

interface IdentitiesParts {
  readonly providers: readonly IdentityProvider[];
  readonly accounts: Accounts;
  readonly administration: Pick<Administration, "setRole">;
  readonly login: Login;
  readonly waysIn: WaysIn;
}

/** An identity as its owner sees it. */
export interface OwnIdentity extends LinkedIdentity {
  readonly id: string;
  /** Undefined where the operator has taken it away. */
  readonly provider: IdentityProvider | undefined;
}

/**
 * Coming in by an identity elsewhere. An account is found by issuer and subject alone: an e-mail address proves nothing
 * here, for whoever runs an issuer can write any; so an identity gets to an account that there is only from within it.
 */
export class Identities {
  #parts: IdentitiesParts;

  constructor(parts: IdentitiesParts) {
    this.#parts = parts;
  }

  get providers(): readonly IdentityProvider[] {
    return this.#parts.providers;
  }

  /** @throws {Refusal} `provider_not_found` */
  provider(name: string): IdentityProvider {
    const provider = this.providers.find((provider) => provider.name === name);
    if (provider === undefined) throw providerNotFound();
    return provider;
  }

  /**
   * The first step of a log-in; undefined where nobody here is this yet.
   *
   * @param address The peer's IP address.
   * @throws {Refusal} `identity_not_allowed`, `account_disabled`, `not_stored`
   */
  async logIn(provider: IdentityProvider, who: Vouched, address: string): Promise<FirstStep | undefined> {
    checkAllowed(provider, who);
    const { accounts, login } = this.#parts;
    const account = await accounts.findByIdentity(who);
    if (account === undefined) return undefined;
    if (account.disabled) throw accountDisabled();
    const used = await accounts.changeIdentities(account.id, (identities) => withUse(identities, who));
    return login.firstStep(await this.#giveRole(used, { provider, who, address }));
  }

  /**
   * Makes an account for somebody who is nobody here yet; its username is the name that was chosen.
   *
   * @param wanted.invitation What {@link Login.admitInvitation} has answered, which is to be asked first.
   * @throws {Refusal} what {@link Login.signUp} throws
   */
  async signUp(
    provider: IdentityProvider,
    who: Vouched,
    { address, name, invitation }: { address: string; name: string; invitation: Invitation | undefined },
  ): Promise<Account> {
    checkAllowed(provider, who);
    const [identity] = withUse([], who);
    const wanted = { username: name, name, password: undefined, identity: identity!, invitation };
    const account = await this.#parts.login.signUp(address, wanted);
    return await this.#giveRole(account, { provider, who, address });
  }

  /**
   * Gives an account one more way in.
   *
   * @param owner Who is signed in to it, in a browser.
   * @throws {Refusal} `identity_not_allowed`, `identity_held`, `too_many_identities`, `token_revoked`, `account_disabled`
   */
  async link(owner: Voucher, provider: IdentityProvider, who: Vouched): Promise<void> {
    checkAllowed(provider, who);
    const { id } = await this.#parts.login.byVoucher(owner);
    await this.#parts.accounts.changeIdentities(id, (identities) => {
      const linked = withUse(identities, who);
      if (linked.length > MOST_OF_ACCOUNT) throw tooManyIdentities(MOST_OF_ACCOUNT);
      return linked;
    });
  }

  /** @throws {Refusal} `identity_not_found`, `last_way_in` */
  async unlink(account: string, id: string): Promise<void> {
    await this.#parts.accounts.changeIdentities(account, (identities, owner) => {
      const rest = identities.filter((identity) => idOf(identity) !== id);
      if (rest.length === identities.length) throw identityNotFound(id);
      if (!this.#parts.waysIn.has({ ...owner, identities: rest })) throw lastWayIn();
      return rest;
    });
  }

  of({ identities }: Account): OwnIdentity[] {
    return identities.map((identity) => ({
      ...identity,
      id: idOf(identity),
      provider: this.#providerOf(identity),
    }));
  }

  /** A name in chat that would be free; "" where none can be made of what the provider says. */
  async suggestedName(who: Vouched): Promise<string> {
    for (const name of chatNamesOf(who)) if (await this.#isFree(name)) return name;
    return "";
  }

  /** Where roles go by the provider; the last admin stays one. */
  async #giveRole(
    account: Account,
    { provider, who, address }: { provider: IdentityProvider; who: Vouched; address: string },
  ): Promise<Account> {
    if (who.role === undefined) return account;
    try {
      const by = { name: `oidc ${provider.name}`, address };
      return await this.#parts.administration.setRole(by, account.id, who.role);
    } catch (error) {
      if (error instanceof Refusal && error.code === "last_admin") return account;
      throw error;
    }
  }

  #providerOf({ issuer }: Pick<LinkedIdentity, "issuer">): IdentityProvider | undefined {
    const { href } = new URL(issuer);
    return this.providers.find((provider) => new URL(provider.issuer).href === href);
  }

  async #isFree(name: string): Promise<boolean> {
    try {
      await this.#parts.login.checkName(name);
      return true;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  }
}

/** Whether the operator lets somebody in. @throws {Refusal} `identity_not_allowed` */
function checkAllowed({ allow, title }: IdentityProvider, who: Vouched): void {
  if (allow !== undefined && !isOnList(who, allow)) throw identityNotAllowed(title);
}

/** Puts what is known now in the place of what was known before. */
function withUse(identities: readonly LinkedIdentity[], who: Vouched): LinkedIdentity[] {
  const { issuer, subject } = who;
  const now = new Date();
  const before = identities.find((identity) => identity.issuer === issuer && identity.subject === subject);
  const { linkedAt = now } = before ?? {};
  const used: LinkedIdentity = { issuer, subject, label: labelOf(who), linkedAt, lastUsedAt: now };
  return [...identities.filter((identity) => identity !== before), used];
}

/** Tells an account's identities apart, and nothing of whose they are. */
function idOf({ issuer, subject }: Pick<LinkedIdentity, "issuer" | "subject">): string {
  return createHash("sha256").update(`${issuer}\n${subject}`).digest("base64url").slice(0, 22);
}
