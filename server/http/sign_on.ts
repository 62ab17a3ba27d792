import type { Identities } from "../accounts/identities.ts";
import type { Vouched, Way } from "../accounts/identity_provider.ts";
import { Pending } from "../accounts/pending.ts";
import type { Voucher } from "../accounts/voucher.ts";
import { defect, foreignOrigin, Refusal, signInNotBegun, stepOver } from "../refusals.ts";
import type { NextStep, PendingEntry } from "../wire/web_types.ts";
import type { Arriving } from "./browser_sessions.ts";
import { dropOauthCookie, ERRAND_SECONDS, keepOauthCookie, oauthCookie } from "./oauth_cookie.ts";
import type { ApiParts } from "./route.ts";

/** The pages to which somebody may want to come back; whatever else is asked for, it is the first. */
const DESTINATIONS = ["/", "/link", "/join", "/admin"] as const;

/** What attempts by an identity count as, beside the address: no account has such a name. */
const ATTEMPT = "/oauth";

/** What a browser is about that signs in by an identity provider. */
type Errand =
  /** It is at the provider. */
  | {
    readonly is: "away";
    readonly provider: string;
    readonly way: Way;
    readonly to: string;
    /** Whose account gets one more way in; undefined where somebody signs in. */
    readonly owner: Voucher | undefined;
  }
  /** It has come back as somebody who has no account here. */
  | { readonly is: "name"; readonly provider: string; readonly who: Vouched }
  /** It has come back as somebody who owes a second factor. */
  | ({ readonly is: "code" } & NextStep);

interface SignOnParts extends Pick<ApiParts, "browserSessions" | "hub" | "login"> {
  readonly identities: Identities;
  /** Told how it ends; the browser is told at a page. */
  readonly report: {
    tried(accepted: boolean): void;
    refused(code: string): void;
    defect(error: unknown): void;
  };
}

/**
 * Sends browsers to identity providers and takes them back. What they are about is kept here, under a name that the one
 * browser has in a cookie; it is good once.
 */
export class SignOn {
  readonly identities: Identities;
  #parts: SignOnParts;
  #errands = new Pending<Errand>({ lifetimeMs: ERRAND_SECONDS * 1_000 });

  constructor(parts: SignOnParts) {
    this.identities = parts.identities;
    this.#parts = parts;
  }

  /**
   * Sends somebody away who wants to come in.
   *
   * @param wanted.to The page to come back to.
   */
  async begin(
    arriving: Arriving,
    { provider, to }: { provider: string; to: string | null },
  ): Promise<Response> {
    const destination = DESTINATIONS.find((page) => page === to) ?? DESTINATIONS[0];
    try {
      checkFromHere(arriving.request);
      const { url, cookie } = await this.#leave(arriving, { provider, to: destination, owner: undefined });
      return sendTo(url, cookie);
    } catch (error) {
      return this.#turnBack(destination, error);
    }
  }

  /**
   * The same for somebody who is signed in and wants one more way in.
   *
   * @throws {Refusal} `provider_not_found`, `provider_unreachable`, `too_many_attempts`, `too_many_steps`
   */
  link(arriving: Arriving, provider: string, owner: Voucher): Promise<{ url: string; cookie: string }> {
    return this.#leave(arriving, { provider, to: DESTINATIONS[0], owner });
  }

  /**
   * Takes somebody back. A page elsewhere may send anybody here: whoever has not left from here by this very way stays as
   * they are.
   *
   * @param answer What the provider has added to the address.
   */
  async comeBack(arriving: Arriving, provider: string, answer: URLSearchParams): Promise<Response> {
    const name = oauthCookie(arriving.request) ?? "";
    const errand = this.#errands.find(name);
    const isTheirs = errand?.is === "away" && errand.provider === provider &&
      errand.way.state === answer.get("state");
    if (!isTheirs) return this.#turnBack(DESTINATIONS[0], signInNotBegun());
    this.#errands.forget(name);
    const { to, owner, way } = errand;
    try {
      const who = await this.identities.provider(provider).complete(way, answer);
      if (owner !== undefined) return await this.#linked(arriving, { provider, who, owner });
      return await this.#arrived(arriving, { provider, who, to });
    } catch (error) {
      return this.#turnBack(to, error, dropOauthCookie(arriving.request));
    }
  }

  /** What a browser still owes that has come back. */
  async pending(request: Request): Promise<PendingEntry> {
    const errand = this.#errands.find(oauthCookie(request) ?? "");
    if (errand?.is === "code" && this.#isOwing(errand.login)) return errand;
    if (errand?.is !== "name") return { is: "nothing" };
    return {
      is: "name",
      title: this.identities.provider(errand.provider).title,
      suggested: await this.identities.suggestedName(errand.who),
      asks_invitation: this.#parts.login.asksInvitation,
    };
  }

  /**
   * Makes an account for somebody who has come back and has chosen a name, and signs them in.
   *
   * @param wanted.invitation Its code, or what stands in its link.
   * @throws {Refusal} `step_over`, `banned`, and what stands in the way of a new account
   */
  async name(
    arriving: Arriving,
    { name, invitation: given }: { name: string; invitation?: string | undefined },
  ): Promise<Response> {
    const { request, address } = arriving;
    const { login, hub, browserSessions } = this.#parts;
    const errandName = oauthCookie(request) ?? "";
    const errand = this.#errands.find(errandName);
    if (errand?.is !== "name") throw stepOver();
    hub.moderation.checkMaySignUp({ name, address });
    const invitation = await login.admitInvitation(address, given);
    await login.checkUsername(name); // first, for its owner may be here under that very name
    using _claim = hub.claim(name);
    const provider = this.identities.provider(errand.provider);
    const account = await this.identities.signUp(provider, errand.who, { address, name, invitation });
    this.#errands.forget(errandName);
    if (invitation !== undefined) await hub.admitInvited({ id: account.id, address }, invitation);
    const response = await browserSessions.open(arriving, account);
    response.headers.append("set-cookie", dropOauthCookie(request));
    return response;
  }

  async #leave(
    { request, address }: Arriving,
    { provider, to, owner }: { provider: string; to: string; owner: Voucher | undefined },
  ): Promise<{ url: string; cookie: string }> {
    this.#parts.login.admitAttempt(address, { username: ATTEMPT });
    const callback = `${new URL(request.url).origin}/oauth/${provider}/callback`;
    const way = await this.identities.provider(provider).begin(callback);
    this.#errands.forget(oauthCookie(request) ?? "");
    const name = this.#errands.put({ is: "away", provider, way, to, owner });
    return { url: way.url, cookie: keepOauthCookie(request, name) };
  }

  async #linked(
    { request }: Arriving,
    { provider: name, who, owner }: { provider: string; who: Vouched; owner: Voucher },
  ): Promise<Response> {
    const provider = this.identities.provider(name);
    await this.identities.link(owner, provider, who);
    return sendTo(`/#linked=${encodeURIComponent(provider.title)}`, dropOauthCookie(request));
  }

  async #arrived(
    arriving: Arriving,
    { provider, who, to }: { provider: string; who: Vouched; to: string },
  ): Promise<Response> {
    const { request, address } = arriving;
    const { hub, login, browserSessions, report } = this.#parts;
    const first = await this.identities.logIn(this.identities.provider(provider), who, address);
    if (first === undefined) {
      hub.moderation.checkAddress(address);
      if (!login.asksInvitation) await login.admitInvitation(address, undefined);
      return this.#goOn(request, { to, errand: { is: "name", provider, who } });
    }
    if (first.owes.length > 0) {
      return this.#goOn(request, { to, errand: { is: "code", ...browserSessions.owe(first) } });
    }
    const { cookie } = await browserSessions.issue(arriving, first.account);
    report.tried(true);
    return sendTo(to, cookie, dropOauthCookie(request));
  }

  #isOwing(login: string): boolean {
    try {
      return this.#parts.browserSessions.owing(login) !== undefined;
    } catch {
      return false;
    }
  }

  /** The page asks for what is missing. What it is missing for has a new name, which nobody can have seen before. */
  #goOn(request: Request, { to, errand }: { to: string; errand: Errand }): Response {
    this.#parts.report.tried(true);
    return sendTo(`${to}#sign-in=pending`, keepOauthCookie(request, this.#errands.put(errand)));
  }

  #turnBack(to: string, error: unknown, ...cookies: string[]): Response {
    const { report } = this.#parts;
    const refusal = error instanceof Refusal ? error : defect();
    if (refusal !== error) report.defect(error);
    report.refused(refusal.code);
    report.tried(false);
    return sendTo(`${to}#sign-in-error=${encodeURIComponent(refusal.message)}`, ...cookies);
  }
}

/**
 * A page elsewhere could sign its reader in as somebody whom it has chosen, by sending them off to a provider that it has
 * signed them in at before.
 *
 * @throws {Refusal} `foreign_origin`
 */
function checkFromHere({ headers }: Request): void {
  const site = headers.get("sec-fetch-site") ?? "none";
  if (site !== "none" && site !== "same-origin") throw foreignOrigin();
}

function sendTo(location: string, ...cookies: string[]): Response {
  const headers = new Headers({ location });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 302, headers });
}
