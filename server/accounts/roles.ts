/** What somebody may do, from least to most. The words are part of JSON mode and the CLI and stay as they are. */
export const ROLES = ["guest", "member", "moderator", "admin"] as const;

export type Role = (typeof ROLES)[number];

/** The roles that an account can have: a guest is somebody without one. */
export const ACCOUNT_ROLES = ["member", "moderator", "admin"] as const;

export type AccountRole = (typeof ACCOUNT_ROLES)[number];

/** Whether `role` may do what asks for `needed`. */
export function isAtLeast(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Whether one may kick, mute or ban the other: those of a lower role; an admin other admins as well. */
export function mayActOn(actor: Role, target: Role): boolean {
  return actor === "admin" || !isAtLeast(target, actor);
}
