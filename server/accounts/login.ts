import {
  accountDisabled,
  codeRequired,
  mfaRequired,
  nameTaken,
  passkeyRequired,
  passwordLoginOff,
  ticketNotValid,
  tokenNotValid,
  tokenRevoked,
  wrongCredentials,
} from "../refusals.ts";
import type { Account, LinkedIdentity } from "./account_store.ts";
import type { Accounts } from "./accounts.ts";
import type { Invitation } from "./invitation_store.ts";
import type { Invitations, SignupPolicy } from "./invitations.ts";
import type { LoginLimit, SignupLimit } from "./login_limit.ts";
import { lacksSecondFactor, type Mfa, type MfaPolicy, type SecondFactor, secondFactorsOf } from "./mfa.ts";
import { chatName, guestName, isReserved, usernameFolds } from "./names.ts";
import type { Tickets } from "./tickets.ts";
import type { TokenRecord } from "./token_store.ts";
import type { Tokens } from "./tokens.ts";
import type { Voucher } from "./voucher.ts";

/** How many names that accounts hold are tried before a guest is told to choose another. */
const MOST_GUEST_NAMES_TRIED = 20;

/** What attempts with a ticket or an invitation count as, beside the address: no account has such a name. */
const TICKET = "/ticket", INVITATION = "/invitation";

/** What the operator wants of log-ins and sign-ups; it may change while the server runs. */
export interface LoginPolicy {
  readonly signup: SignupPolicy;
  readonly requireMfa: MfaPolicy;
  readonly passwordLogin: boolean;
}

/** Somebody whose first factor was right. */
export interface FirstStep {
  readonly account: Account;
  /** By any one of these the account proves itself before it is in; it is in where there is none. */
  readonly owes: readonly SecondFactor[];
}

interface LoginParts {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly tickets: Tickets;
  readonly mfa: Mfa;
  readonly invitations: Invitations;
  readonly loginLimit: LoginLimit;
  readonly signupLimit: SignupLimit;
  readonly policy: LoginPolicy;
}

/** The doors by which people come in, the same for every transport. */
export class Login {
  #parts: LoginParts;

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  /** Whether an account holds this name or username, so that whoever gives it must log in. */
  holds(handle: string): Promise<boolean> {
    return this.#parts.accounts.isHeld(handle);
  }

  /**
   * The first step of a log-in.
   *
   * @param address The peer's IP address.
   * @throws {Refusal} `password_login_off`, `wrong_credentials`, `account_disabled`, `too_many_attempts`, `busy`
   */
  async byPassword(address: string, given: { username: string; password: string }): Promise<FirstStep> {
    const { accounts, loginLimit, policy } = this.#parts;
    if (!policy.passwordLogin) throw passwordLoginOff();
    loginLimit.admitLogin(address, usernameFolds(given.username)[0] ?? "");
    const account = await accounts.authenticate(given.username, given.password);
    if (account === undefined) throw wrongCredentials();
    return this.firstStep(account);
  }

  /**
   * Both steps of a log-in at once.
   *
   * @param given.code Of an app, or a recovery code; looked at only where the account is asked for one.
   * @throws {Refusal} what {@link byPassword} throws, and `code_required`, `passkey_required`, `wrong_code`,
   * `too_many_codes`
   */
  async byPasswordAndCode(
    address: string,
    { code, ...given }: { username: string; password: string; code?: string | undefined },
  ): Promise<Account> {
    const { account, owes } = await this.byPassword(address, given);
    if (owes.length === 0) return account;
    if (!owes.includes("code")) throw passkeyRequired();
    if (code === undefined || code === "") throw codeRequired();
    await this.#parts.mfa.take(account.id, code);
    return account;
  }

  /** What is still owed by somebody whose first factor was right. @throws {Refusal} `account_disabled` */
  firstStep(account: Account): FirstStep {
    if (account.disabled) throw accountDisabled();
    return { account, owes: secondFactorsOf(account, this.#parts.policy.requireMfa) };
  }

  /**
   * The second step of a log-in, by a code. It counts as an attempt.
   *
   * @param address The peer's IP address.
   * @param first As the first step found it; a password that was changed since makes it void.
   * @throws {Refusal} `wrong_code`, `wrong_credentials`, `account_disabled`, `too_many_attempts`, `too_many_codes`
   */
  async byCode(address: string, first: Account, code: string): Promise<Account> {
    this.admitAttempt(address, first);
    await this.#parts.mfa.take(first.id, code);
    return await this.stillGood(first);
  }

  /** Something that may be guessed is tried once more, for an account that is known. @throws {Refusal} `too_many_attempts` */
  admitAttempt(address: string, { username }: Pick<Account, "username">): void {
    this.#parts.loginLimit.admitLogin(address, usernameFolds(username)[0] ?? "");
  }

  /** Looks once more at somebody whose first step was some time ago. @throws {Refusal} `wrong_credentials`, `account_disabled` */
  async stillGood({ id, passwordHash }: Account): Promise<Account> {
    const account = await this.#parts.accounts.find(id);
    if (account === undefined || account.passwordHash !== passwordHash) throw wrongCredentials();
    if (account.disabled) throw accountDisabled();
    return account;
  }

  /** Whether people log in, and so sign up, by a password. */
  get takesPasswords(): boolean {
    return this.#parts.policy.passwordLogin;
  }

  /** Whether the account can do nothing before it has a second factor. */
  mustEnrol(account: Pick<Account, "role" | "totp" | "passkeys">): boolean {
    return lacksSecondFactor(account, this.#parts.policy.requireMfa);
  }

  /** @throws {Refusal} `mfa_required` */
  checkEnrolled(account: Account): void {
    if (this.mustEnrol(account)) throw mfaRequired();
  }

  /** @throws {Refusal} `token_not_valid`, `token_revoked`, `token_expired`, `account_disabled` */
  async byToken(jwt: string): Promise<{ account: Account; token: TokenRecord }> {
    const { accounts, tokens } = this.#parts;
    const token = await tokens.verify(jwt);
    const account = await accounts.find(token.account);
    if (account === undefined) throw tokenNotValid(); // it is about to go, too
    if (account.disabled) throw accountDisabled();
    return { account, token };
  }

  /**
   * @param address The peer's IP address.
   * @param ticket As it was typed.
   * @returns also the `jti` of the token that its giver is logged in by.
   * @throws {Refusal} `ticket_not_valid`, `account_disabled`, `too_many_attempts`
   */
  async byTicket(address: string, ticket: string): Promise<{ account: Account; token: string }> {
    const { tickets, tokens, loginLimit } = this.#parts;
    loginLimit.admitLogin(address, TICKET);
    const voucher = tickets.take(ticket);
    if (await tokens.isRevoked(voucher.token)) throw ticketNotValid();
    return { account: await this.byVoucher(voucher), token: voucher.token };
  }

  /**
   * The account of somebody for whom a browser speaks.
   *
   * @throws {Refusal} `token_revoked`, `account_disabled`
   */
  async byVoucher({ account: id, token }: Voucher): Promise<Account> {
    const { accounts, tokens } = this.#parts;
    if (await tokens.isRevoked(token)) throw tokenRevoked();
    const account = await accounts.find(id);
    if (account === undefined || account.disabled) throw accountDisabled();
    return account;
  }

  /**
   * Looks once more at what somebody came in by.
   *
   * @param token The `jti` of the token, where it was one.
   * @throws {Refusal} `token_revoked`, `account_disabled`
   */
  async checkAgain(id: string, token: string | undefined): Promise<void> {
    const { accounts, tokens } = this.#parts;
    if (token !== undefined && await tokens.isRevoked(token)) throw tokenRevoked();
    const account = await accounts.find(id);
    if (account === undefined || account.disabled) throw accountDisabled();
  }

  /**
   * Whether a password, asked for once more, is the account's.
   *
   * @throws {Refusal} `too_many_attempts`, `busy`
   */
  async confirm(address: string, given: { account: Account; password: string }): Promise<boolean> {
    this.admitAttempt(address, given.account);
    return await this.#parts.accounts.authenticate(given.account.username, given.password) !== undefined;
  }

  /** Whether nobody makes an account without an invitation. */
  get asksInvitation(): boolean {
    return this.#parts.policy.signup === "invite";
  }

  /**
   * Whether somebody may make an account. What is given is counted as an attempt to log in, for it may be guessed.
   *
   * @param address The peer's IP address.
   * @param given The code of an invitation, or what stands in its link; undefined or "" for none.
   * @returns The invitation; undefined where none is needed and none was given.
   * @throws {Refusal} `signup_closed`, `invitation_required`, `invitation_not_valid`, `too_many_attempts`
   */
  async admitInvitation(address: string, given: string | undefined): Promise<Invitation | undefined> {
    const { invitations, loginLimit, policy } = this.#parts;
    if (given) loginLimit.admitLogin(address, INVITATION);
    return await invitations.admit(policy.signup, given);
  }

  /** @throws {Refusal} `bad_username`, `user_exists` */
  async checkUsername(username: string): Promise<void> {
    await this.#parts.accounts.checkUsernameFree(username);
  }

  /** @throws {Refusal} `bad_name`, `name_taken` */
  checkName(name: string): Promise<void> {
    return this.#parts.accounts.checkNameFree(name);
  }

  /**
   * Makes an account for whoever comes from `address`.
   *
   * @param wanted.password Undefined where the account comes in by an identity.
   * @param wanted.invitation What {@link admitInvitation} has answered, which is to be asked first.
   * @throws {Refusal} `password_login_off`, `too_many_attempts`, and what `Accounts.signUp` refuses
   */
  async signUp(
    address: string,
    wanted: {
      username: string;
      name: string;
      password: string | undefined;
      identity?: LinkedIdentity;
      invitation: Invitation | undefined;
    },
  ): Promise<Account> {
    const { accounts, signupLimit, policy } = this.#parts;
    const { invitation } = wanted;
    if (wanted.password !== undefined && !policy.passwordLogin) throw passwordLoginOff();
    await this.checkUsername(wanted.username);
    await this.checkName(wanted.name);
    signupLimit.admit(address);
    return await accounts.signUp({ ...wanted, role: invitation?.role, invitation: invitation?.id });
  }

  /**
   * The name under which a guest comes in, four digits added so that no guest passes for an account.
   *
   * @param isPresent Whether somebody is here under a name.
   * @throws {Refusal} `bad_name`, `name_taken`
   */
  async guestName(wanted: string, isPresent: (name: string) => boolean): Promise<string> {
    const base = chatName(wanted);
    if (isReserved(base)) throw nameTaken();
    const held = new Set<string>();
    while (held.size < MOST_GUEST_NAMES_TRIED) {
      const name = guestName(base, (candidate) => !held.has(candidate) && !isPresent(candidate));
      if (!await this.holds(name)) return name;
      held.add(name);
    }
    throw nameTaken();
  }
}
