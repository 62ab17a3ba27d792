import {
  accountDisabled,
  nameTaken,
  signupClosed,
  ticketNotValid,
  tokenNotValid,
  tokenRevoked,
  wrongCredentials,
} from "../refusals.ts";
import type { Account } from "./account_store.ts";
import type { Accounts } from "./accounts.ts";
import type { LoginLimit, SignupLimit } from "./login_limit.ts";
import { chatName, guestName, isReserved, usernameFolds } from "./names.ts";
import type { Tickets } from "./tickets.ts";
import type { TokenRecord } from "./token_store.ts";
import type { Tokens } from "./tokens.ts";
import type { Voucher } from "./voucher.ts";

/** How many names that accounts hold are tried before a guest is told to choose another. */
const MOST_GUEST_NAMES_TRIED = 20;

/** What attempts with a ticket count as, beside the address: no account has such a name. */
const TICKET = "/ticket";

/** Who may make an account: everyone, the invited, nobody. */
export type SignupPolicy = "open" | "invite" | "closed";

/** The doors by which people come in, the same for every transport. */
export class Login {
  #parts: {
    readonly accounts: Accounts;
    readonly tokens: Tokens;
    readonly tickets: Tickets;
    readonly loginLimit: LoginLimit;
    readonly signupLimit: SignupLimit;
    readonly policy: { readonly signup: SignupPolicy };
  };

  /** @param parts `policy` may change while the server runs. */
  constructor(parts: {
    accounts: Accounts;
    tokens: Tokens;
    tickets: Tickets;
    loginLimit: LoginLimit;
    signupLimit: SignupLimit;
    policy: { readonly signup: SignupPolicy };
  }) {
    this.#parts = parts;
  }

  /** Whether an account holds this name or username, so that whoever gives it must log in. */
  holds(handle: string): Promise<boolean> {
    return this.#parts.accounts.isHeld(handle);
  }

  /**
   * @param address The peer's IP address.
   * @throws {Refusal} `wrong_credentials`, `account_disabled`, `too_many_attempts`, `busy`
   */
  async byPassword(address: string, given: { username: string; password: string }): Promise<Account> {
    const { accounts, loginLimit } = this.#parts;
    loginLimit.admitLogin(address, usernameFolds(given.username)[0] ?? "");
    const account = await accounts.authenticate(given.username, given.password);
    if (account === undefined) throw wrongCredentials();
    if (account.disabled) throw accountDisabled();
    return account;
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
    const { accounts, loginLimit } = this.#parts;
    loginLimit.admitLogin(address, usernameFolds(given.account.username)[0] ?? "");
    return await accounts.authenticate(given.account.username, given.password) !== undefined;
  }

  /** @throws {Refusal} `signup_closed`, `bad_username`, `user_exists` */
  async checkUsername(username: string): Promise<void> {
    if (this.#parts.policy.signup !== "open") throw signupClosed(this.#parts.policy.signup);
    await this.#parts.accounts.checkUsernameFree(username);
  }

  /** @throws {Refusal} `bad_name`, `name_taken` */
  checkName(name: string): Promise<void> {
    return this.#parts.accounts.checkNameFree(name);
  }

  /**
   * Makes an account for whoever comes from `address`.
   *
   * @throws {Refusal} `signup_closed`, `too_many_attempts`, and what `Accounts.signUp` refuses
   */
  async signUp(
    address: string,
    wanted: { username: string; name: string; password: string },
  ): Promise<Account> {
    await this.checkUsername(wanted.username);
    await this.checkName(wanted.name);
    this.#parts.signupLimit.admit(address);
    return await this.#parts.accounts.signUp(wanted);
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
