import type { Identities } from "../accounts/identities.ts";
import type { IdentityProvider, Vouched } from "../accounts/identity_provider.ts";
import type { Voucher } from "../accounts/voucher.ts";
import { defect, foreignOrigin, Refusal, signInNotBegun } from "../refusals.ts";
import type { Arriving } from "./browser_sessions.ts";
import type { Errands } from "./errands.ts";
import type { ApiParts } from "./route.ts";

/** The pages to which somebody may want to come back; whatever else is asked for, it is the first. */
const DESTINATIONS = ["/", "/link", "/join", "/admin"] as const;

/** What attempts by an identity count as, beside the address: no account has such a name. */
const ATTEMPT = { username: "/oauth" };

interface SignOnParts extends Pick<ApiParts, "browserSessions" | "hub" | "login"> {
  readonly identities: Identities;
  readonly errands: Errands;
  /** Told how it ends; the browser is told at a page. */
  readonly report: {
    tried(accepted: boolean): void;
    refused(code: string): void;
    defect(error: unknown): void;
  };
}

/** Sends browsers to identity providers and takes them back. */
export class SignOn {
  #parts: SignOnParts;

  constructor(parts: SignOnParts) {
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
  async comeBack(arriving: Arriving, name: string, answer: URLSearchParams): Promise<Response> {
    const { identities, errands } = this.#parts;
    const errand = errands.of(arriving.request);
    const isTheirs = errand?.is === "away" && errand.provider === name &&
      errand.way.state === answer.get("state");
    if (!isTheirs) return this.#turnBack(DESTINATIONS[0], signInNotBegun());
    const forget = errands.end(arriving.request); // before anything is waited for: it is good once
    const { to, owner, way } = errand;
    try {
      const provider = identities.provider(name);
      const who = await provider.complete(way, answer);
      if (owner === undefined) return await this.#signIn(arriving, { provider, who, to });
      await identities.link(owner, provider, who);
      return sendTo(`/#linked=${encodeURIComponent(provider.title)}`, forget);
    } catch (error) {
      return this.#turnBack(to, error, forget);
    }
  }

  async #leave(
    { request, address }: Arriving,
    { provider, to, owner }: { provider: string; to: string; owner: Voucher | undefined },
  ): Promise<{ url: string; cookie: string }> {
    const { identities, errands, login } = this.#parts;
    login.admitAttempt(address, ATTEMPT);
    const callback = `${new URL(request.url).origin}/oauth/${provider}/callback`;
    const way = await identities.provider(provider).begin(callback);
    return { url: way.url, cookie: errands.begin(request, { is: "away", provider, way, to, owner }) };
  }

  /** In, or to what is still owed, for which the page asks. */
  async #signIn(
    arriving: Arriving,
    { provider, who, to }: { provider: IdentityProvider; who: Vouched; to: string },
  ): Promise<Response> {
    const { request, address } = arriving;
    const { identities, errands, hub, login, browserSessions, report } = this.#parts;
    const first = await identities.logIn(provider, who, address);
    if (first === undefined) {
      hub.moderation.checkAddress(address);
      if (!login.asksInvitation) await login.admitInvitation(address, undefined);
    } else if (first.owes.length === 0) {
      const { cookie } = await browserSessions.issue(arriving, first.account);
      report.tried(true);
      return sendTo(to, cookie, errands.end(request));
    }
    const cookie = errands.begin(
      request,
      first === undefined
        ? { is: "name", provider: provider.name, who }
        : { is: "code", ...browserSessions.owe(first) },
    );
    report.tried(true);
    return sendTo(`${to}#sign-in=pending`, cookie);
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
