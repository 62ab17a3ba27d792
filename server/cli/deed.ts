import type { Records } from "../records.ts";
import { KvAuditTrail } from "../store/audit.ts";

/** Whoever has a shell on the host, as audit trail and invitations name that one. */
export const OPERATOR = "operator";

/** Puts into the audit trail what the operator is about to do. */
export async function recordDeed(
  { database }: Pick<Records, "database">,
  deed: { what: string; whom: string; why: string },
): Promise<void> {
  const audit = await KvAuditTrail.open(database);
  await audit.add({ ...deed, who: OPERATOR, from: "host" });
}
