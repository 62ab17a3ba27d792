/**
 * The cookie of a browser that signs in by an identity provider: whoever comes back without it was not sent from here.
 * It must come along as that other site sends its reader back, which `SameSite=Strict` would not let it.
 */
import { cookieNamed } from "./session_cookie.ts";

/** How long somebody may take at the other site, and then to choose a name. */
export const ERRAND_SECONDS = 600;

/** What a browser was given; it may be anything. */
export function oauthCookie(request: Request): string | undefined {
  return cookieNamed(nameFor(request), request);
}

/** The header that has the browser keep it. */
export function keepOauthCookie(request: Request, value: string): string {
  return `${nameFor(request)}=${value}; ${ATTRIBUTES}; Max-Age=${ERRAND_SECONDS}`;
}

/** The header that has the browser forget it. */
export function dropOauthCookie(request: Request): string {
  return `${nameFor(request)}=; ${ATTRIBUTES}; Max-Age=0`;
}

const ATTRIBUTES = "Path=/; HttpOnly; Secure; SameSite=Lax";

function nameFor(request: Request): string {
  const { port } = new URL(request.url);
  return `__Host-parley-oauth${port === "" ? "" : `-${port}`}`;
}
