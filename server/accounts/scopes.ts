import { badScope, mayNot, tokenScopeTooNarrow } from "../refusals.ts";
import type { Role } from "./roles.ts";

/**
 * What a token may be used for, several with a space between:
 *
 * - `chat`: everything that its account may do but for what admins do over HTTP
 * - `admin`: that as well, as long as the account is an admin's
 * - `read:#room`: read this room over HTTP, and nothing else
 * - `post:#room`: say something in this room over HTTP, and read nothing
 */
export type Scope = string;

/** How many words a scope may have. */
const MOST_WORDS = 20;

/** Checks a scope as somebody has typed it; undefined where it is none. */
export function readScope(raw: string): Scope | undefined {
  const words = [...new Set(raw.normalize("NFKC").toLowerCase().trim().split(/\s+/))];
  const known = words.every((word) => /^(?:chat|admin|(?:read|post):#[^\s#]{1,32})$/u.test(word));
  return known && words.length <= MOST_WORDS ? words.join(" ") : undefined;
}

/** Whether a token is as good as its account for chatting. */
export function mayChat(scope: Scope): boolean {
  return has(scope, "chat") || has(scope, "admin");
}

export function mayAdminister(scope: Scope): boolean {
  return has(scope, "admin");
}

/** Whether a token may read a room, as far as the token goes. */
export function mayReadRoom(scope: Scope, room: string): boolean {
  return mayChat(scope) || has(scope, `read:#${room}`);
}

/** Whether a token may post in a room, as far as the token goes. */
export function mayPostIn(scope: Scope, room: string): boolean {
  return mayChat(scope) || has(scope, `post:#${room}`);
}

/** Whether a token may do all that one of another scope may. */
export function covers(scope: Scope, other: Scope): boolean {
  return other.split(" ").every((word) => {
    if (word === "admin") return mayAdminister(scope);
    return mayChat(scope) || has(scope, word);
  });
}

/**
 * The scope that somebody wants for a new token: of an admin alone one for administering, and none that may do more than
 * the token that is used.
 *
 * @param asker.own The scope of that token; undefined where it was a password.
 * @throws {Refusal} `bad_scope`, `may_not`, `token_scope`
 */
export function grantableScope(wanted: string, { role, own }: { role: Role; own: Scope | undefined }): Scope {
  const scope = readScope(wanted);
  if (scope === undefined) throw badScope();
  if (mayAdminister(scope) && role !== "admin") throw mayNot();
  if (own !== undefined && !covers(own, scope)) throw tokenScopeTooNarrow(own);
  return scope;
}

/** The rooms that a narrow token may read. */
export function readableRooms(scope: Scope): string[] {
  return scope.split(" ").filter((word) => word.startsWith("read:#")).map((word) =>
    word.slice("read:#".length)
  );
}

function has(scope: Scope, word: string): boolean {
  return scope.split(" ").includes(word);
}
