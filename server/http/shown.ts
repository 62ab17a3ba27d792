import type { Account, Passkey } from "../accounts/account_store.ts";
import type { TokenRecord } from "../accounts/token_store.ts";
import type { PasskeyInfo } from "../wire/web_types.ts";

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
  { id, label, scope, issuedAt, expiresAt, revoked, issuedTo, lastUse }: TokenRecord,
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
    from: issuedTo?.address ?? null,
    how: issuedTo?.how ?? null,
    last_used_at: lastUse?.at.toISOString() ?? null,
    last_used_from: lastUse?.address ?? null,
    last_used_by: lastUse?.how ?? null,
  };
}

/** A passkey as its owner sees it. */
export function shownPasskey({ id, name, host, createdAt, lastUsedAt }: Passkey): PasskeyInfo {
  return {
    id,
    name,
    host,
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
  };
}
