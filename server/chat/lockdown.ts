/** What may be closed to all for a while. The words are part of the commands and of what is kept, and stay as they are. */
export const LOCKDOWN_MODES = ["no-signups", "no-guests", "accounts-only", "read-only"] as const;

/** `accounts-only` is `no-signups` and `no-guests` at once; under `read-only` moderators and admins speak alone. */
export type LockdownMode = (typeof LOCKDOWN_MODES)[number];

/** The server is closed to some for a while, because it is being flooded or raided. */
export interface Lockdown {
  readonly mode: LockdownMode;
  readonly until: Date;
  /** The name of whoever decided it. */
  readonly by: string;
}

/** Where the one lockdown is kept, so that it outlives the server. */
export interface LockdownStore {
  /** It may be over. */
  find(): Promise<Lockdown | undefined>;

  /** Replaces the one before. @throws {Refusal} `not_stored` */
  put(lockdown: Lockdown): Promise<void>;

  /** @throws {Refusal} `not_stored` */
  remove(): Promise<void>;
}
