/** Where an account belongs, and how far it has read there. */
export interface Place {
  /** Room → how far it was read. The rooms are those that the account has joined. */
  readonly rooms: ReadonlyMap<string, Mark>;
}

/** How far an account has read in a room. */
export interface Mark {
  /** The id of the last message that was read; "" for none. */
  readonly readUpTo: string;
  /** When there was nothing left to read. */
  readonly at: Date;
}

/** Where the accounts' places are kept. */
export interface PlaceStore {
  /** Undefined for an account that has never been here. */
  find(account: string): Promise<Place | undefined>;

  /** @throws {Refusal} `not_stored` */
  put(places: ReadonlyMap<string, Place>): Promise<void>;

  remove(account: string): Promise<void>;

  /** Accounts and the rooms they have joined. */
  list(): AsyncIterable<{ readonly account: string; readonly place: Place }>;
}
