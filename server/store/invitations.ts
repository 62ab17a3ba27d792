import type { Invitation, InvitationStore } from "../accounts/invitation_store.ts";
import { keptIn } from "./_kept.ts";
import { invitationCodeKey, invitationKey, INVITATIONS } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** How long an invitation stays on record after it has expired, so that it can be seen who came by it. */
const KEPT_AFTER_EXPIRY_MS = 90 * 86_400_000;

/**
 * Invitations in Deno KV. The store of the accounts counts their uses. One that is kept no longer is none, also while it
 * waits for the sweeper.
 */
export class KvInvitationStore implements InvitationStore {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(invitation: Invitation): Promise<void> {
    await this.#database.commit((operation) =>
      operation
        .set(invitationKey(invitation.id), invitation)
        .set(invitationCodeKey(invitation.code), invitation.id)
    );
  }

  async find(id: string): Promise<Invitation | undefined> {
    return keptIn(await this.#database.kv.get<Invitation>(invitationKey(id)), invitationKeptUntilMs);
  }

  async findByCode(code: string): Promise<Invitation | undefined> {
    const { value: id } = await this.#database.kv.get<string>(invitationCodeKey(code));
    return id === null ? undefined : await this.find(id);
  }

  async revoke(id: string): Promise<boolean> {
    for (;;) {
      const stored = await this.#database.kv.get<Invitation>(invitationKey(id));
      const invitation = keptIn(stored, invitationKeptUntilMs);
      if (invitation === undefined || invitation.revoked) return false;
      const done = await this.#database.commit((operation) =>
        operation.check(stored).set(stored.key, { ...invitation, revoked: true })
      );
      if (done) return true;
    }
  }

  async *list(): AsyncIterable<Invitation> {
    for await (const entry of this.#database.kv.list<Invitation>({ prefix: INVITATIONS })) {
      const invitation = keptIn(entry, invitationKeptUntilMs);
      if (invitation !== undefined) yield invitation;
    }
  }
}

/** Until when an invitation is kept, as `Date.now()` has it. */
export function invitationKeptUntilMs({ expiresAt }: Invitation): number {
  return expiresAt.getTime() + KEPT_AFTER_EXPIRY_MS;
}
