import type { Account } from "../accounts/account_store.ts";
import type { FirstStep } from "../accounts/login.ts";
import { programOf } from "../accounts/origin.ts";
import { Pending } from "../accounts/pending.ts";
import { stepOver } from "../refusals.ts";
import type { NextStep, SessionInfo } from "../wire/web_types.ts";
import type { ApiParts, Call, Caller } from "./route.ts";
import { keepCookie } from "./session_cookie.ts";

/** How tokens of browsers are called in the list of one's own. */
const LABEL = "web page";

/** How long the second step of a log-in may take, and how many wrong codes it bears. */
const STEP_MS = 300_000;
const MOST_WRONG = 5;

/** Where a browser comes from that signs in. */
export type Arriving = Pick<Call<unknown>, "request" | "address">;

/** What a browser session is begun with. */
type Parts = Pick<ApiParts, "tokens" | "hub" | "confirmations" | "settings" | "login" | "newLogins">;

/** Signs browsers in, in one step or in two: each gets a token of its own, in a cookie. */
export class BrowserSessions {
  #parts: Parts;
  /** What is still owed by those whose first factor was right. */
  #owing = new Pending<{ readonly first: FirstStep; wrong: number }>({ lifetimeMs: STEP_MS });

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Goes on from a first factor that was right: in, or to the second one.
   *
   * @returns 200 with the cookie, or 202 with the name of the second step.
   * @throws {Refusal} `banned`, `too_many_steps`
   */
  async goOn(arriving: Arriving, first: FirstStep): Promise<Response> {
    if (first.owes.length === 0) return await this.open(arriving, first.account);
    const { login, factors } = this.owe(first);
    return Response.json({ login, factors: [...factors] } satisfies NextStep, { status: 202 });
  }

  /** Remembers what is owed for five minutes. @throws {Refusal} `too_many_steps` */
  owe(first: FirstStep): NextStep {
    return { login: this.#owing.put({ first, wrong: 0 }), factors: first.owes };
  }

  /** Whose first factor was right, as it was then. @throws {Refusal} `step_over` */
  owing(login: string): FirstStep {
    const owing = this.#owing.find(login);
    if (owing === undefined) throw stepOver();
    return owing.first;
  }

  /**
   * Does the second step.
   *
   * @param prove Finds out whether the second factor is right; gives the account as it is now.
   * @throws {Refusal} `step_over`, `banned`, and what `prove` throws, which goes on only a few times
   */
  async complete(
    arriving: Arriving,
    login: string,
    prove: (first: FirstStep) => Promise<Account>,
  ): Promise<Response> {
    const owing = this.#owing.find(login);
    if (owing === undefined) throw stepOver();
    if (++owing.wrong >= MOST_WRONG) this.#owing.take(login);
    const account = await prove(owing.first);
    this.#owing.forget(login);
    return await this.open(arriving, account);
  }

  /**
   * Signs a browser in as an account that has proved itself.
   *
   * @throws {Refusal} `banned`
   */
  async open(arriving: Arriving, account: Account): Promise<Response> {
    const { token, cookie } = await this.issue(arriving, account);
    return Response.json(sessionOf({ account, token }, this.#parts), { headers: { "set-cookie": cookie } });
  }

  /** @returns The new token, and the header that has the browser keep it. @throws {Refusal} `banned` */
  async issue(
    { request, address }: Arriving,
    { id, name, role }: Account,
  ): Promise<Pick<Caller, "token"> & { cookie: string }> {
    const { tokens, hub, newLogins, settings: { tokenDays: days } } = this.#parts;
    hub.moderation.checkMayEnter({ account: id, name, role, address });
    const to = { address, how: programOf(request.headers.get("user-agent")) };
    const wanted = { days, label: LABEL, scope: "admin", ofBrowser: true, to } as const;
    const { jwt, record } = await tokens.issue(id, wanted);
    newLogins.tell(id, to);
    return { token: record, cookie: keepCookie(request, jwt, days) };
  }
}

/** Who a browser is signed in as, as its pages are told. */
export function sessionOf(
  { account, token }: Pick<Caller, "account" | "token">,
  { confirmations, login }: Pick<ApiParts, "confirmations" | "login">,
) {
  const { id, username, name, role, passwordHash } = account;
  return {
    account: { id, username, name, role, has_password: passwordHash !== undefined },
    confirmed_until: confirmations.confirmedUntil(token).toISOString(),
    must_enrol: login.mustEnrol(account),
  } satisfies SessionInfo;
}
