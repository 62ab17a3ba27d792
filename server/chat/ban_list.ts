/** Somebody is kept out, or kept silent, for a time or for good. */
export interface Ban {
  /** A ULID. */
  readonly id: string;
  readonly kind: "ban" | "mute";
  readonly target: BanTarget;
  /** The one room that it holds in; undefined for the whole server. */
  readonly room: string | undefined;
  /** Undefined for good. */
  readonly until: Date | undefined;
  /** May be empty. */
  readonly reason: string;
  /** The name of whoever decided it. */
  readonly by: string;
  readonly at: Date;
}

export type BanTarget =
  | { readonly type: "account"; readonly account: string; readonly name: string }
  /** A guest is known by name and by where the guest came from, so that another name is of no use. */
  | { readonly type: "guest"; readonly name: string; readonly network: string | undefined }
  /** In CIDR notation; a single address is a /32 or a /128. */
  | { readonly type: "network"; readonly network: string };

/** Where bans are kept. */
export interface BanStore {
  /** Some may be over. */
  list(): AsyncIterable<Ban>;

  /** @throws {Refusal} `not_stored` */
  add(ban: Ban): Promise<void>;

  /** @throws {Refusal} `not_stored` */
  remove(id: string): Promise<void>;
}
