import type { Account } from "../accounts/account_store.ts";
import type { TokenRecord } from "../accounts/token_store.ts";

/** An account as its owner sees it. */
export function shownAccount(
  { id, username, name, role, createdAt }: Pick<Account, "id" | "username" | "name" | "role" | "createdAt">,
) {
  return { _id: id, username, name_account: name, role, created_at: createdAt.toISOString() };
}

/**
 * A token as its owner sees it: without what it is used by.
 *
 * @param current The `jti` of the token that is asked with.
 */
export function shownToken(
  { id, label, scope, issuedAt, expiresAt, revoked }: TokenRecord,
  current: string,
) {
  return {
    id,
    label,
    scope,
    issued_at: issuedAt.toISOString(),
    expires_at: expiresAt.toISOString(),
    revoked,
    current: id === current,
  };
}
