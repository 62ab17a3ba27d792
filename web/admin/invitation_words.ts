import type { InvitationRow } from "../../server/wire/admin_types.ts";

/** What an invitation is good for just now. */
export function stateOf({ open, revoked, uses, used_by }: InvitationRow): string {
  if (open) return "open";
  if (revoked) return "revoked";
  return used_by.length >= uses ? "used up" : "over";
}
