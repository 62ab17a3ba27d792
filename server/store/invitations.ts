import type { Invitation, InvitationStore } from "../accounts/invitation_store.ts";
import { invitationCodeKey, invitationKey, INVITATIONS } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** How long an invitation stays on record after it has expired, so that it can be seen who came by it. */
const KEPT_AFTER_EXPIRY_MS = 90 * 86_400_000;

/** Invitations in Deno KV. The store of the accounts counts their uses. */
export class KvInvitationStore implements InvitationStore {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(invitation: Invitation): Promise<void> {
    const expireIn = keptMs(invitation);
    await this.#database.commit((operation) =>
      operation
        .set(invitationKey(invitation.id), invitation, { expireIn })
        .set(invitationCodeKey(invitation.code), invitation.id, { expireIn })
    );
  }

  async find(id: string): Promise<Invitation | undefined> {
    return (await this.#database.kv.get<Invitation>(invitationKey(id))).value ?? undefined;
  }

  async findByCode(code: string): Promise<Invitation | undefined> {
    const { value: id } = await this.#database.kv.get<string>(invitationCodeKey(code));
    return id === null ? undefined : await this.find(id);
  }

  async revoke(id: string): Promise<boolean> {
    for (;;) {
      const stored = await this.#database.kv.get<Invitation>(invitationKey(id));
      if (stored.value === null || stored.value.revoked) return false;
      const revoked = { ...stored.value, revoked: true };
      const done = await this.#database.commit((operation) =>
        operation.check(stored).set(stored.key, revoked, { expireIn: keptMs(revoked) })
      );
      if (done) return true;
    }
  }

  async *list(): AsyncIterable<Invitation> {
    for await (const { value } of this.#database.kv.list<Invitation>({ prefix: INVITATIONS })) yield value;
  }
}

/** How long an invitation is still kept. */
export function keptMs({ expiresAt }: Invitation): number {
  return Math.max(1, expiresAt.getTime() + KEPT_AFTER_EXPIRY_MS - Date.now());
}
