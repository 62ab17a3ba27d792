import type { AuditEntry, AuditTrail } from "../accounts/audit_trail.ts";
import { Ids } from "../chat/ids.ts";
import { AUDIT, auditKey } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** The audit trail in Deno KV. */
export class KvAuditTrail implements AuditTrail {
  #database: Database;
  #ids: Ids;
  #now: () => number;

  private constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#ids = new Ids(now);
    this.#now = now;
  }

  /** Opens it behind its newest entry, so that the order is that of the deeds even where the clock was set back. */
  static async open(database: Database, now: () => number = Date.now): Promise<KvAuditTrail> {
    const trail = new KvAuditTrail(database, now);
    const [newest] = await trail.latest(1);
    if (newest !== undefined) trail.#ids.passBy(newest.id);
    return trail;
  }

  async add({ who, what, whom, why, from }: Omit<AuditEntry, "id" | "at">): Promise<void> {
    const id = this.#ids.next();
    const entry: AuditEntry = { id, who, what, whom, why, at: new Date(this.#now()), from };
    await this.#database.commit((operation) => operation.set(auditKey(id), entry));
  }

  async latest(limit: number, before?: string): Promise<AuditEntry[]> {
    const range = before === undefined ? { prefix: AUDIT } : { prefix: AUDIT, end: auditKey(before) };
    const newestFirst = this.#database.kv.list<AuditEntry>(range, { limit, reverse: true });
    return (await Array.fromAsync(newestFirst)).map(({ value }) => value);
  }
}
