import type { Vouched, Way } from "../accounts/identity_provider.ts";
import { Pending } from "../accounts/pending.ts";
import type { Voucher } from "../accounts/voucher.ts";
import type { NextStep } from "../wire/web_types.ts";
import { cookieNamed } from "./session_cookie.ts";

/** How long somebody may take at the other site, and then to choose a name. */
const LIFETIME_SECONDS = 600;

/** What a browser is about that signs in by an identity provider. */
export type Errand =
  /** It is at the provider. */
  | {
    readonly is: "away";
    readonly provider: string;
    readonly way: Way;
    /** The page to come back to. */
    readonly to: string;
    /** Whose account gets one more way in; undefined where somebody signs in. */
    readonly owner: Voucher | undefined;
  }
  /** It has come back as somebody who has no account here. */
  | { readonly is: "name"; readonly provider: string; readonly who: Vouched }
  /** It has come back as somebody who owes a second factor. */
  | ({ readonly is: "code" } & NextStep);

/**
 * What browsers are about, under a name that each has in a cookie of its own: whoever comes back without it was not sent
 * from here. It comes along as the other site sends its reader back, which `SameSite=Strict` would not let it.
 */
export class Errands {
  #pending = new Pending<Errand>({ lifetimeMs: LIFETIME_SECONDS * 1_000 });

  /** What the browser is about that sends a request. */
  of(request: Request): Errand | undefined {
    return this.#pending.find(nameIn(request));
  }

  /**
   * Has a browser be about something, and about nothing else. The name is new, so that nobody can have put it there.
   *
   * @returns The header that has it keep the name.
   * @throws {Refusal} `too_many_steps`
   */
  begin(request: Request, errand: Errand): string {
    this.end(request);
    return cookie(request, this.#pending.put(errand), LIFETIME_SECONDS);
  }

  /** What a browser was about is done. @returns The header that has it forget the name. */
  end(request: Request): string {
    this.#pending.forget(nameIn(request));
    return cookie(request, "", 0);
  }
}

/** It may be anything. */
function nameIn(request: Request): string {
  return cookieNamed(cookieName(request), request) ?? "";
}

function cookie(request: Request, value: string, seconds: number): string {
  return `${cookieName(request)}=${value}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=${seconds}`;
}

/** As that of sessions (session_cookie.ts). */
function cookieName(request: Request): string {
  const { port } = new URL(request.url);
  return `__Host-parley-oauth${port === "" ? "" : `-${port}`}`;
}
