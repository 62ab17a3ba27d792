import type { Confirmations } from "../accounts/confirmations.ts";
import type { Login } from "../accounts/login.ts";
import { isAtLeast, type Role } from "../accounts/roles.ts";
import {
  mayAdminister,
  mayChat,
  mayPostIn,
  mayReadRoom,
  readableRooms,
  type Scope,
} from "../accounts/scopes.ts";
import { roomName } from "../chat/room_name.ts";
import {
  browserOnly,
  confirmPassword,
  foreignOrigin,
  mayNot,
  originMissing,
  Refusal,
  tokenMissing,
  tokenScopeTooNarrow,
} from "../refusals.ts";
import type { Caller } from "./route.ts";
import { sessionCookie } from "./session_cookie.ts";

/** What a token must be good for: `#room` is the room of the path, `read` any room at all. */
export type NeededScope = "any" | "chat" | "admin" | "read" | "read:#room" | "post:#room";

/**
 * Finds out who calls, by `Authorization: Bearer <token>` or by the cookie of this server's pages. Browsers send a cookie
 * along with whatever a page asks for, so a call that changes something by one must say that it is from a page of ours.
 *
 * @throws {Refusal} `token_missing`, `token_not_valid`, `token_revoked`, `token_expired`, `account_disabled`,
 * `origin_missing`
 */
export async function authenticate(request: Request, login: Login): Promise<Caller> {
  const bearer = bearerToken(request);
  if (bearer !== undefined) return { ...await login.byToken(bearer), by: "bearer" };
  const cookie = sessionCookie(request);
  if (cookie === undefined) throw tokenMissing();
  if (!isRead(request) && !request.headers.has("origin")) throw originMissing();
  return { ...await login.byToken(cookie), by: "cookie" };
}

/**
 * The same, where nobody is an answer, too.
 *
 * @throws {Refusal} `origin_missing`
 */
export async function signedIn(request: Request, login: Login): Promise<Caller | undefined> {
  try {
    return await authenticate(request, login);
  } catch (error) {
    if (error instanceof Refusal && error.code !== "origin_missing") return undefined;
    throw error;
  }
}

/** The token that a WebSocket's opening brings along, not looked at yet; a cookie only from a page of this server. */
export function tokenOf(request: Request): string | undefined {
  const cookie = request.headers.has("origin") ? sessionCookie(request) : undefined;
  return bearerToken(request) ?? cookie;
}

/**
 * Browsers say which site's page a request comes from. Programs do not, and are let pass.
 *
 * @throws {Refusal} `foreign_origin`
 */
export function checkOrigin(request: Request): void {
  const origin = request.headers.get("origin");
  if (origin === null) return;
  const [page, own] = [URL.parse(origin), new URL(request.url)]; // HTTP/2 has no header "Host"
  const onTheWay = own.protocol === "https:" && page?.protocol !== "https:"; // anybody may have changed that page
  if (page?.host !== own.host || onTheWay) throw foreignOrigin();
}

/**
 * Whether a caller may make a call, as far as the token and the role go.
 *
 * @param needs.room As it stands in the path, where one does.
 * @throws {Refusal} `token_scope`, `bad_room_name`, `may_not`, `confirm_password`
 */
export function checkPower(
  { account, token, by }: Caller,
  { scope, role = "guest", room = "", confirmations }: {
    scope: NeededScope;
    role?: Role | undefined;
    room?: string | undefined;
    confirmations: Confirmations;
  },
): void {
  if (!isAtLeast(account.role, role)) throw mayNot();
  if (!suffices(token.scope, scope, room)) throw tokenScopeTooNarrow(token.scope);
  if (scope === "admin") checkConfirmed({ token, by }, confirmations);
}

/**
 * For what only admins may do, and for what would let somebody do that: a browser may have been left open.
 *
 * @throws {Refusal} `confirm_password`
 */
export function checkConfirmed(
  { token, by }: Pick<Caller, "token" | "by">,
  confirmations: Confirmations,
): void {
  if (by === "cookie" && !confirmations.isConfirmed(token)) throw confirmPassword();
}

/**
 * For what is done with a browser at hand, by somebody who has lately proved to be who they are.
 *
 * @throws {Refusal} `browser_only`, `confirm_password`
 */
export function checkAtBrowser(caller: Pick<Caller, "token" | "by">, confirmations: Confirmations): void {
  if (caller.by !== "cookie") throw browserOnly();
  checkConfirmed(caller, confirmations);
}

function suffices(scope: Scope, needed: NeededScope, room: string): boolean {
  switch (needed) {
    case "any":
      return true;
    case "chat":
      return mayChat(scope);
    case "admin":
      return mayAdminister(scope);
    case "read":
      return mayChat(scope) || readableRooms(scope).length > 0;
    case "read:#room":
      return mayReadRoom(scope, roomName(room));
    case "post:#room":
      return mayPostIn(scope, roomName(room));
  }
}

/** Whether only a page of this server can read what is answered; a WebSocket is read by any page that opens it. */
function isRead({ method, headers }: Request): boolean {
  return (method === "GET" || method === "HEAD") && !headers.has("upgrade");
}

/** What a program brings along for a token; it may be anything. */
function bearerToken(request: Request): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}
