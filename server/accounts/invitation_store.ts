import type { AccountRole } from "./roles.ts";

/** That somebody may make an account, or several may. */
export interface Invitation {
  /** A ULID. */
  readonly id: string;
  /** What is typed where no link can be opened: `BCDF-GHJK-MNPQ`. */
  readonly code: string;
  /** What the new account may do. */
  readonly role: AccountRole;
  /** The room that it is in from the start beside the lobby, without `#`. */
  readonly room: string | undefined;
  /** How many accounts it is good for. */
  readonly uses: number;
  /** Who has come by it, in that order. */
  readonly usedBy: readonly { readonly account: string; readonly name: string; readonly at: Date }[];
  /** The name of whoever made it; "operator" for the commands of the CLI. */
  readonly by: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revoked: boolean;
}

/** Where invitations are kept. Their uses are counted where accounts are made (`AccountStore.add`). */
export interface InvitationStore {
  /** @throws {Refusal} `not_stored` */
  add(invitation: Invitation): Promise<void>;

  find(id: string): Promise<Invitation | undefined>;

  findByCode(code: string): Promise<Invitation | undefined>;

  /** Marks it as revoked for good; answers false where there is none, or it was already. @throws {Refusal} `not_stored` */
  revoke(id: string): Promise<boolean>;

  /** Oldest first. */
  list(): AsyncIterable<Invitation>;
}

/** Whether an account may still be made by it. */
export function isOpen({ uses, usedBy, expiresAt, revoked }: Invitation, nowMs: number): boolean {
  return !revoked && usedBy.length < uses && expiresAt.getTime() > nowMs;
}
