import type { Account } from "../../server/accounts/account_store.ts";

/** An account as it is kept, of somebody who has just signed up. */
export function anAccount(differing: Partial<Account> = {}): Account {
  const name = differing.name ?? "ann";
  return {
    id: "01J0000000000000000000000A",
    username: name,
    name,
    formerNames: [],
    role: "member",
    passwordHash: "$argon2id$",
    totp: undefined,
    recoveryCodes: [],
    passkeys: [],
    identities: [],
    disabled: false,
    ignored: [],
    createdAt: new Date("2026-02-03T04:05:06.789Z"),
    ...differing,
  };
}
