/** Whoever uses power, as the audit trail knows them. */
export interface Actor {
  readonly name: string;
  /** The IP address that the deed comes from; "host" for the commands of the CLI. */
  readonly address: string;
}

/** Something that somebody with power has done; never changed. */
export interface AuditEntry {
  /** A ULID. */
  readonly id: string;
  /** The name of whoever did it; "operator" for the commands of the CLI. */
  readonly who: string;
  /** The deed in a word: "ban", "kick", "delete", "role", … */
  readonly what: string;
  /** Whom or what it was done to; "" for the whole server. */
  readonly whom: string;
  /** The reason that was given; may be empty. */
  readonly why: string;
  readonly at: Date;
  /** The IP address it came from; "host" for the commands of the CLI. */
  readonly from: string;
}

/** Where the deeds of those with power are kept: it only grows. */
export interface AuditTrail {
  /** @throws {Refusal} `not_stored` */
  add(entry: Omit<AuditEntry, "id" | "at">): Promise<void>;

  /** The newest entries, newest first; with `before`, an id, those older than it. */
  latest(limit: number, before?: string): Promise<AuditEntry[]>;
}
