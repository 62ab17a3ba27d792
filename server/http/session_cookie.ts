/**
 * The cookie of the web pages: an access token that no script can read, that is sent over TLS or to this very machine
 * alone, and never from another site's page. Cookies know no ports, so the name does: two servers on one host.
 */

/** The token that a browser has, if there is one; it may be anything. */
export function sessionCookie(request: Request): string | undefined {
  return cookieNamed(nameFor(request), request);
}

/** The value of a cookie that a request brings along. */
export function cookieNamed(name: string, { headers }: Request): string | undefined {
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name && value) return value;
  }
  return undefined;
}

/** The header that has the browser keep a token. */
export function keepCookie(request: Request, jwt: string, days: number): string {
  return `${nameFor(request)}=${jwt}; ${ATTRIBUTES}; Max-Age=${days * 86_400}`;
}

/** The header that has the browser forget it. */
export function dropCookie(request: Request): string {
  return `${nameFor(request)}=; ${ATTRIBUTES}; Max-Age=0`;
}

const ATTRIBUTES = "Path=/; HttpOnly; Secure; SameSite=Strict";

/** Browsers let only what is `Secure` and for all paths of one host be called `__Host-…`. */
function nameFor(request: Request): string {
  const { port } = new URL(request.url);
  return `__Host-parley${port === "" ? "" : `-${port}`}`;
}
