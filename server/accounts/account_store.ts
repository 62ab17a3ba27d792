import type { AccountRole } from "./roles.ts";

/** Somebody who has signed up. */
export interface Account {
  /** A ULID. */
  readonly id: string;
  /** What one logs in with: a name or an e-mail address. */
  readonly username: string;
  /** What is shown in chat. */
  readonly name: string;
  /** Names that it had before; they stay its own. */
  readonly formerNames: readonly string[];
  readonly role: AccountRole;
  /** A PHC string, Argon2id. */
  readonly passwordHash: string;
  readonly disabled: boolean;
  /** The names of those whom it does not want to hear. */
  readonly ignored: readonly string[];
  readonly createdAt: Date;
}

/** What becomes of what a deleted account has said in rooms: it stays as that of nobody, or goes. */
export type SaidByDeleted = "keep" | "erase";

/** Where accounts are kept. A handle is a folded username or name; it leads to one account, for ever. */
export interface AccountStore {
  find(id: string): Promise<Account | undefined>;

  /** The account that holds a handle; "gone" where its account was deleted. */
  holder(handle: string): Promise<Account | "gone" | undefined>;

  /** Keeps a new account with its handles; answers false, and keeps nothing, where one of them is held. */
  add(account: Account, handles: readonly string[]): Promise<boolean>;

  /**
   * Replaces an account by what `change` makes of it, again and again until nobody came between.
   *
   * @param handles Further handles that the change takes up.
   * @returns The account as it now is; "held" where another account holds one of the handles; undefined where there is
   *   no such account.
   */
  change(
    id: string,
    change: (account: Account) => Account,
    handles?: readonly string[],
  ): Promise<Account | "held" | undefined>;

  /**
   * Deletes an account; its handles stay taken. That what it has left behind is to be erased is kept together with this
   * (chat/erasure.ts), so that nothing is forgotten. Answers false where there is none.
   */
  remove(id: string, said: SaidByDeleted): Promise<boolean>;

  /** All accounts, or those made after the one of an id, in the order of their making. */
  list(after?: string): AsyncIterable<Account>;
}
