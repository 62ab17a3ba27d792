import type { AuditEntry, AuditTrail } from "../../server/accounts/audit_trail.ts";
import { Ids } from "../../server/chat/ids.ts";
import { notStored } from "../../server/refusals.ts";

/** An audit trail without a disk. */
export class MemoryAudit implements AuditTrail {
  /** While true, nothing can be added. */
  failing = false;
  #entries: AuditEntry[] = [];
  #ids = new Ids();

  add(entry: Omit<AuditEntry, "id" | "at">): Promise<void> {
    if (this.failing) return Promise.reject(notStored());
    this.#entries.unshift({ ...entry, id: this.#ids.next(), at: new Date() });
    return Promise.resolve();
  }

  latest(limit: number, before?: string): Promise<AuditEntry[]> {
    const older = this.#entries.filter(({ id }) => before === undefined || id < before);
    return Promise.resolve(older.slice(0, limit));
  }
}
