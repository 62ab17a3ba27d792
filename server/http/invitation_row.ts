import type { Invitation } from "../accounts/invitation_store.ts";
import type { Invitations } from "../accounts/invitations.ts";
import type { InvitationRow } from "../wire/admin_types.ts";

/**
 * An invitation as admins and the operator see it.
 *
 * @param origin Where the pages are, which the link leads to; "" where that is not known.
 */
export async function invitationRow(
  invitation: Invitation,
  { invitations, origin }: { invitations: Pick<Invitations, "linkOf" | "isOpen">; origin: string },
): Promise<InvitationRow> {
  const { id, code, role, room, uses, usedBy, by, createdAt, expiresAt, revoked } = invitation;
  return {
    id,
    code,
    url: `${origin}/#invitation=${await invitations.linkOf(invitation)}`,
    role,
    room: room ?? null,
    uses,
    used_by: usedBy.map(({ name, at }) => ({ name, at: at.toISOString() })),
    by,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
    revoked,
    open: invitations.isOpen(invitation),
  };
}
