import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import { accountDisabled, noPasskeyHere, stepOver, wrongPasskey } from "../refusals.ts";
import type { Account, Passkey } from "./account_store.ts";
import type { Accounts } from "./accounts.ts";
import { addressKey } from "./address.ts";
import { AttemptLimit, takeFromAll } from "./attempt_limit.ts";
import type { LoginLimit } from "./login_limit.ts";
import { usernameFolds } from "./names.ts";
import { Pending } from "./pending.ts";
import {
  ANSWER_MS,
  type AskingPage,
  challengeIn,
  readUsed,
  requestOptions,
  type UsedPasskey,
  userHandleOf,
} from "./web_authn.ts";

/** What attempts with a passkey alone count as, beside the address: no account has such a name. */
const PASSKEY = "/passkey";

/** How often one address may ask for a challenge in a minute: strangers must not use up what waits for an answer. */
const MOST_ASKED_PER_MINUTE = 60;

/** A question to whatever passkey somebody has. */
interface Question {
  /** The `jti` of the token by which whoever asks is signed in already. */
  readonly session: string | undefined;
}

/** What somebody brings along who was asked. */
interface Answer {
  /** As the question was called. */
  readonly login: string;
  readonly used: UsedPasskey;
  readonly page: AskingPage;
}

interface ProofsParts {
  readonly accounts: Accounts;
  readonly loginLimit: LoginLimit;
  readonly nowMs?: () => number;
}

/**
 * Proofs by passkey of who somebody is: alone, in place of a code after the password, or once more. Each challenge is good
 * for one answer, for five minutes, and for what it was asked for.
 */
export class PasskeyProofs {
  #parts: ProofsParts;
  #asked: AttemptLimit;
  /** Challenge → who asks. */
  #questions: Pending<Question>;
  /** Challenge → the log-in whose second step it is. */
  #steps: Pending<string>;

  /** @param parts.nowMs A clock that never goes back. */
  constructor(parts: ProofsParts) {
    const { nowMs = () => performance.now() } = parts;
    this.#parts = parts;
    this.#asked = new AttemptLimit({ most: MOST_ASKED_PER_MINUTE, perMs: 60_000, now: nowMs });
    this.#questions = new Pending({ lifetimeMs: ANSWER_MS, nowMs });
    this.#steps = new Pending({ lifetimeMs: ANSWER_MS, nowMs });
  }

  /**
   * Asks for any passkey; its user has to unlock it.
   *
   * @param address The peer's IP address; so it is below.
   * @returns also what the question is called.
   * @throws {Refusal} `too_many_attempts`, `too_many_steps`
   */
  async ask(
    address: string,
    { page, session }: Question & { page: AskingPage },
  ): Promise<{ login: string; options: PublicKeyCredentialRequestOptionsJSON }> {
    takeFromAll([[this.#asked, addressKey(address)]]);
    const challenge = this.#questions.put({ session });
    return { login: challenge, options: await requestOptions({ challenge, page }) };
  }

  /** Whether a question for any passkey waits under this name. */
  waitsFor(login: string): boolean {
    return this.#questions.find(login) !== undefined;
  }

  /**
   * Asks for a passkey of somebody whose first factor was right; one that is not unlocked will do.
   *
   * @throws {Refusal} `no_passkey_here`, `too_many_steps`
   */
  async askSecond(
    { passkeys }: Pick<Account, "passkeys">,
    { login, page }: { login: string; page: AskingPage },
  ): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const usable = passkeys.filter(({ host }) => host === page.host);
    if (usable.length === 0) throw noPasskeyHere(page.host);
    return await requestOptions({ challenge: this.#steps.put(login), page, passkeys: usable });
  }

  /**
   * Finds out who somebody is who comes with a passkey and nothing else.
   *
   * @throws {Refusal} `too_many_attempts`, `step_over`, `wrong_passkey`, `account_disabled`
   */
  async alone(address: string, { login, ...answer }: Answer): Promise<Account> {
    this.#parts.loginLimit.admitLogin(address, PASSKEY);
    this.#questions.take(login);
    return await this.#prove(answer, { challenge: login, unlocked: true });
  }

  /**
   * Takes a passkey as the second factor of an account.
   *
   * @throws {Refusal} `too_many_attempts`, `step_over`, `wrong_passkey`, `account_disabled`
   */
  async second(address: string, { id, username }: Account, { login, ...answer }: Answer): Promise<Account> {
    this.#parts.loginLimit.admitLogin(address, usernameFolds(username)[0] ?? "");
    const challenge = challengeIn(answer.used);
    if (this.#steps.take(challenge) !== login) throw wrongPasskey();
    return await this.#prove(answer, { challenge, unlocked: false, account: id });
  }

  /**
   * Takes a passkey from somebody who is signed in, in place of the password.
   *
   * @param caller.session The `jti` of the token: only what was asked by it can be answered.
   * @throws {Refusal} `too_many_attempts`, `step_over`, `wrong_passkey`, `account_disabled`
   */
  async again(
    address: string,
    { account: { id, username }, session }: { account: Account; session: string },
    { login, ...answer }: Answer,
  ): Promise<Account> {
    this.#parts.loginLimit.admitLogin(address, usernameFolds(username)[0] ?? "");
    if (this.#questions.take(login).session !== session) throw stepOver();
    return await this.#prove(answer, { challenge: login, unlocked: true, account: id });
  }

  /** @param expected.account Whose passkey it must be; undefined where the passkey itself has to say whose it is. */
  async #prove(
    { used, page }: Omit<Answer, "login">,
    expected: { challenge: string; unlocked: boolean; account?: string },
  ): Promise<Account> {
    const { accounts } = this.#parts;
    const account = await accounts.findByPasskey(used.id);
    const passkey = account?.passkeys.find(({ id, host }) => id === used.id && host === page.host);
    if (account === undefined || passkey === undefined) throw wrongPasskey();
    const { userHandle = null } = used.response;
    const isTheirs = userHandle === null
      ? account.id === expected.account
      : userHandle === userHandleOf(account) && account.id === (expected.account ?? account.id);
    if (!isTheirs) throw wrongPasskey();
    const counter = await readUsed(used, { ...expected, page, passkey });
    if (counter === undefined) throw wrongPasskey();
    if (account.disabled) throw accountDisabled();
    return await accounts.changePasskeys(account.id, (passkeys) => withUse(passkeys, passkey, counter));
  }
}

/** @throws {Refusal} `wrong_passkey` where the passkey has gone, or somebody was faster who used it with this counter. */
function withUse(passkeys: readonly Passkey[], { id }: Passkey, counter: number): readonly Passkey[] {
  const now = passkeys.find((one) => one.id === id);
  const goesBack = now !== undefined && counter <= now.counter && now.counter > 0;
  if (now === undefined || goesBack) throw wrongPasskey();
  return passkeys.map((one) => one === now ? { ...now, counter, lastUsedAt: new Date() } : one);
}
