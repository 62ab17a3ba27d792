import type { Login } from "../accounts/login.ts";
import { mayChat, mayPostIn, mayReadRoom, readableRooms, type Scope } from "../accounts/scopes.ts";
import { roomName } from "../chat/room_name.ts";
import { tokenMissing, tokenScopeTooNarrow } from "../refusals.ts";
import type { Caller } from "./route.ts";

/** What a token must be good for: `#room` is the room of the path, `read` any room at all. */
export type NeededScope = "any" | "chat" | "read" | "read:#room" | "post:#room";

/**
 * Finds out who calls, by `Authorization: Bearer <token>`.
 *
 * @throws {Refusal} `token_missing`, `token_not_valid`, `token_revoked`, `token_expired`, `account_disabled`
 */
export async function authenticate(request: Request, login: Login): Promise<Caller> {
  const jwt = bearerToken(request);
  if (jwt === undefined) throw tokenMissing();
  return await login.byToken(jwt);
}

/**
 * Whether a token is good for a call.
 *
 * @param room As it stands in the path, where one does.
 * @throws {Refusal} `token_scope`, `bad_room_name`
 */
export function checkScope(needed: NeededScope, scope: Scope, room = ""): void {
  if (!suffices(scope, needed, room)) throw tokenScopeTooNarrow(scope);
}

function suffices(scope: Scope, needed: NeededScope, room: string): boolean {
  switch (needed) {
    case "any":
      return true;
    case "chat":
      return mayChat(scope);
    case "read":
      return mayChat(scope) || readableRooms(scope).length > 0;
    case "read:#room":
      return mayReadRoom(scope, roomName(room));
    case "post:#room":
      return mayPostIn(scope, roomName(room));
  }
}

/** What a request brings along for a token; it may be anything. */
export function bearerToken(request: Request): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}
