import type { Role } from "../../server/wire/json_types.ts";

const RANKS: readonly Role[] = ["guest", "member", "moderator", "admin"];

export function isAtLeast(role: Role, least: Role): boolean {
  return RANKS.indexOf(role) >= RANKS.indexOf(least);
}
