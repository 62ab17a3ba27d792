import type { Invitation } from "../../server/accounts/invitation_store.ts";

/** An invitation as it is kept, of somebody who has just made it: for one account, within a day. */
export function anInvitation(differing: Partial<Invitation> = {}): Invitation {
  return {
    id: "01J0000000000000000000000Y",
    code: "BCDF-GHJK-MNPQ",
    role: "member",
    room: undefined,
    uses: 1,
    usedBy: [],
    by: "root",
    createdAt: new Date(),
    expiresAt: new Date(Date.now() + 86_400_000),
    revoked: false,
    ...differing,
  };
}
