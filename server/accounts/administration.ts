import { newCode } from "./_codes.ts";
import type { Account, SaidByDeleted } from "./account_store.ts";
import type { Accounts } from "./accounts.ts";
import type { Actor, AuditEntry, AuditTrail } from "./audit_trail.ts";
import { chatName } from "./names.ts";
import type { Invitation } from "./invitation_store.ts";
import type { Invitations, InvitationTerms } from "./invitations.ts";
import type { Mfa } from "./mfa.ts";
import type { PasswordLinks } from "./password_links.ts";
import { checkPassword } from "./password_rules.ts";
import type { AccountRole, Role } from "./roles.ts";
import type { TokenRecord } from "./token_store.ts";
import type { Tokens } from "./tokens.ts";

/** A password that is made up has so many groups of four letters: 85 random bits. */
const PASSWORD_GROUPS = 5;

interface AdministrationParts {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly mfa: Mfa;
  readonly invitations: Invitations;
  readonly passwordLinks: PasswordLinks;
  readonly audit: AuditTrail;
  /** Ends the connections of an account, but for those that came in by one token. */
  readonly disconnect: (account: string, except?: string) => void;
}

/**
 * What admins do to accounts. A deed goes into the audit trail first and is then done, so that nothing is ever done that
 * is not there. None of it takes away the last admin: the operator alone could make another.
 */
export class Administration {
  #parts: AdministrationParts;
  /** The deed that may take an admin away and is being done, or was last. */
  #doing: Promise<unknown> = Promise.resolve();

  constructor(parts: AdministrationParts) {
    this.#parts = parts;
  }

  /**
   * Makes an account.
   *
   * @param wanted.password Left out, one is made up.
   * @returns The account and the password that was made up, which nobody can look up later.
   * @throws {Refusal} `bad_username`, `bad_name`, `bad_password`, `user_exists`, `name_taken`, `busy`, `not_stored`
   */
  async create(
    by: Actor,
    wanted: { username: string; name: string; role: AccountRole; password?: string | undefined },
  ): Promise<{ account: Account; password: string | undefined }> {
    const { accounts } = this.#parts;
    const { password, madeUp } = passwordFrom(wanted.password);
    await accounts.checkUsernameFree(wanted.username);
    await accounts.checkNameFree(wanted.name);
    await checkPassword(password, wanted);
    await this.#record(by, { what: "create account", whom: chatName(wanted.name), why: wanted.role });
    return { account: await accounts.signUp({ ...wanted, password }), password: madeUp };
  }

  /** @throws {Refusal} `account_not_found`, `last_admin`, `not_stored` */
  setRole(by: Actor, id: string, role: AccountRole): Promise<Account> {
    return this.#sparingLastAdmin(id, role !== "admin", async (account) => {
      if (account.role === role) return account;
      await this.#record(by, { what: "role", whom: account.name, why: role });
      return await this.#parts.accounts.setRole(id, role);
    });
  }

  /**
   * Shuts an account out and ends its connections, or lets it in again.
   *
   * @throws {Refusal} `account_not_found`, `last_admin`, `not_stored`
   */
  setDisabled(by: Actor, id: string, disabled: boolean): Promise<Account> {
    return this.#sparingLastAdmin(id, disabled, async (account) => {
      if (account.disabled === disabled) return account;
      await this.#record(by, { what: disabled ? "disable" : "enable", whom: account.name, why: "" });
      return await this.#parts.accounts.setDisabled(id, disabled);
    });
  }

  /**
   * Sets a password, and ends whatever came in by the one before.
   *
   * @param options.password Left out, one is made up.
   * @param options.except The `jti` of the one token that stays good.
   * @returns The password that was made up.
   * @throws {Refusal} `bad_password`, `busy`, `account_not_found`, `not_stored`
   */
  async setPassword(
    by: Actor,
    id: string,
    { password: wanted, except }: { password: string | undefined; except: string | undefined },
  ): Promise<string | undefined> {
    const { password, madeUp } = passwordFrom(wanted);
    const account = await this.#parts.accounts.get(id);
    await checkPassword(password, account);
    await this.#record(by, { what: "password", whom: account.name, why: "" });
    await this.#parts.accounts.setPassword(id, password);
    await this.#endAll(id, except);
    return madeUp;
  }

  /**
   * Gives a link by which the account's owner sets a password, once.
   *
   * @throws {Refusal} `account_not_found`, `not_stored`
   */
  async linkPassword(by: Actor, id: string): Promise<{ link: string; expiresAt: Date }> {
    const account = await this.#parts.accounts.get(id);
    await this.#record(by, { what: "password link", whom: account.name, why: "" });
    return await this.#parts.passwordLinks.issue(account);
  }

  /**
   * Takes away the codes of an account and its recovery codes: its owner has lost them.
   *
   * @throws {Refusal} `account_not_found`, `not_stored`
   */
  async resetMfa(by: Actor, id: string): Promise<Account> {
    const { name } = await this.#parts.accounts.get(id);
    await this.#record(by, { what: "reset codes", whom: name, why: "" });
    return await this.#parts.mfa.reset(id);
  }

  /**
   * Makes an invitation.
   *
   * @throws {Refusal} `may_not`, `too_many_invitations`, `not_stored`
   */
  invite(by: Actor & { readonly role: Role }, wanted: InvitationTerms): Promise<Invitation> {
    return this.#parts.invitations.make(by, wanted, (deed) => this.#record(by, deed));
  }

  /** @throws {Refusal} `invitation_not_found`, `not_stored` */
  async revokeInvitation(by: Actor, id: string): Promise<Invitation> {
    const invitation = await this.#parts.invitations.get(id);
    await this.#record(by, { what: "revoke invitation", whom: invitation.id, why: "" });
    return await this.#parts.invitations.revoke(id);
  }

  /**
   * Ends all tokens and all connections of an account.
   *
   * @throws {Refusal} `account_not_found`, `not_stored`
   */
  async logOut(by: Actor, id: string): Promise<void> {
    const { name } = await this.#parts.accounts.get(id);
    await this.#record(by, { what: "log out", whom: name, why: "" });
    await this.#endAll(id);
  }

  /**
   * Deletes an account for good. What it has left behind is erased by chat/erasure.ts.
   *
   * @throws {Refusal} `account_not_found`, `last_admin`, `not_stored`
   */
  delete(by: Actor, id: string, said: SaidByDeleted): Promise<void> {
    return this.#sparingLastAdmin(id, true, async ({ name }) => {
      await this.#record(by, { what: "delete account", whom: name, why: said });
      await this.#parts.accounts.delete(id, { said });
    });
  }

  /**
   * Issues a token that speaks for an account.
   *
   * @throws {Refusal} `account_not_found`, `not_stored`
   */
  async issueToken(
    by: Actor,
    { id, name }: Account,
    { days, label, scope }: { days: number; label: string; scope: string },
  ): Promise<{ jwt: string; record: TokenRecord }> {
    await this.#record(by, { what: "issue token", whom: name, why: `${label} (${scope})` });
    return await this.#parts.tokens.issue(id, { days, label, scope });
  }

  /**
   * Ends a token, and what came in by it.
   *
   * @throws {Refusal} `token_not_found`, `not_stored`
   */
  async revokeToken(by: Actor, id: string): Promise<void> {
    const { accounts, tokens } = this.#parts;
    const { account, label } = await tokens.get(id);
    const whom = (await accounts.find(account))?.name ?? account;
    await this.#record(by, { what: "revoke token", whom, why: label });
    await tokens.revoke(id);
  }

  async #endAll(id: string, except?: string): Promise<void> {
    await this.#parts.tokens.revokeAll(id, except);
    this.#parts.disconnect(id, except);
  }

  /** Does one deed after the other, so that two admins do not take each other's role at once. */
  #sparingLastAdmin<Result>(
    id: string,
    takesAway: boolean,
    deed: (account: Account) => Promise<Result>,
  ): Promise<Result> {
    const { accounts } = this.#parts;
    const done = this.#doing.then(async () => {
      const account = await accounts.get(id);
      if (takesAway && !account.disabled) await accounts.checkNotLastAdmin(account);
      return await deed(account);
    });
    this.#doing = done.catch(() => {});
    return done;
  }

  #record(by: Actor, deed: Pick<AuditEntry, "what" | "whom" | "why">): Promise<void> {
    return this.#parts.audit.add({ ...deed, who: by.name, from: by.address });
  }
}

function passwordFrom(wanted: string | undefined): { password: string; madeUp: string | undefined } {
  if (wanted === undefined) {
    const madeUp = newCode(PASSWORD_GROUPS);
    return { password: madeUp, madeUp };
  }
  return { password: wanted, madeUp: undefined };
}
