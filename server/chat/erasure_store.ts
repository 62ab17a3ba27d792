import type { SaidByDeleted } from "../accounts/account_store.ts";

/** An account that was deleted, of which something is left. */
export interface Erasing {
  readonly account: string;
  readonly said: SaidByDeleted;
}

/** Where it is kept what is still to be erased. An entry is made together with the deletion of its account. */
export interface ErasureStore {
  list(): AsyncIterable<Erasing>;

  find(account: string): Promise<Erasing | undefined>;

  /** @throws {Refusal} `not_stored` */
  remove(account: string): Promise<void>;
}
