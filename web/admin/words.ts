import type { PersonRow } from "../../server/wire/admin_types.ts";

/** So many of something: `no tokens`, `1 token`, `1,204 tokens`. */
export function counted(count: number, one: string): string {
  if (count === 1) return `1 ${one}`;
  return `${count === 0 ? "no" : count.toLocaleString()} ${one}s`;
}

/** By what somebody comes in: `password, codes, 2 passkeys`. */
export function waysInOf(
  { has_password, codes, passkeys, identities }: Pick<
    PersonRow,
    "has_password" | "codes" | "passkeys" | "identities"
  >,
): string {
  const ways = [
    has_password && "password",
    codes && "codes",
    passkeys > 0 && counted(passkeys, "passkey"),
    identities === 1 ? "1 identity" : identities > 1 && `${identities} identities`,
  ];
  return ways.filter((way) => way !== false).join(", ") || "nothing";
}
