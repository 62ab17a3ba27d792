import type { LockdownInfo } from "../../server/wire/admin_types.ts";

/** What may be closed for a while, from the mildest to the strictest, and what that means. */
export const LOCKDOWNS: readonly {
  readonly value: LockdownInfo["mode"];
  readonly title: string;
  readonly text: string;
}[] = [
  {
    value: "no-signups",
    title: "No sign-ups",
    text: "Nobody can make an account. Guests and accounts come in as ever.",
  },
  {
    value: "no-guests",
    title: "No guests",
    text: "No further guests come in; those who are here stay. New accounts can still be made.",
  },
  {
    value: "accounts-only",
    title: "Accounts only",
    text:
      "Only accounts that exist come in. Guests who are here are sent away, and nobody can make an account.",
  },
  {
    value: "read-only",
    title: "Read only",
    text: "Everybody may come in and read, but only moderators and admins say anything.",
  },
];

/** What a lockdown means. */
export function lockdownOf(mode: LockdownInfo["mode"]): { readonly title: string; readonly text: string } {
  return LOCKDOWNS.find(({ value }) => value === mode)!;
}
