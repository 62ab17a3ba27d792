import type { Actor } from "../../../accounts/audit_trail.ts";
import type { Call, Caller } from "../../route.ts";

/** Who calls, as the audit trail knows that one. */
export function actorOf({ address }: Pick<Call<unknown>, "address">, { account }: Caller): Actor {
  return { name: account.name, address };
}
