/** What is kept of a room beside what was said in it. */
export interface RoomRecord {
  /** Lower case. */
  readonly name: string;
  readonly topic: string;
  /** The key of whoever made it (`Person.key`); undefined for the lobby. */
  readonly owner: string | undefined;
  /** The keys of those whom the owner has named. */
  readonly moderators: readonly string[];
  /** Only members and the invited may enter, see or read it. */
  readonly private: boolean;
  /** Only its staff may speak. */
  readonly quiet: boolean;
  /** How many days its messages are kept; undefined for as long as the server keeps them. */
  readonly keepDays: number | undefined;
  readonly invitations: readonly Invitation[];
  readonly createdAt: Date;
  /** Since when nobody belongs to it; undefined while somebody does. */
  readonly emptySince: Date | undefined;
  /** It was deleted, and what is left of it still is to go. */
  readonly closing?: true;
}

export interface Invitation {
  /** Who is invited (`Person.key`). */
  readonly key: string;
  /** The name of whoever invites. */
  readonly by: string;
  readonly until: Date;
}

/** Where rooms are kept. */
export interface RoomStore {
  list(): AsyncIterable<RoomRecord>;

  /** @throws {Refusal} `not_stored` */
  put(record: RoomRecord): Promise<void>;

  /** @throws {Refusal} `not_stored` */
  remove(name: string): Promise<void>;
}
