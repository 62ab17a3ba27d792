import { isValid as isUlid, ulid } from "ulid";
import {
  accountNotFound,
  identityHeld,
  invitationNotValid,
  lastAdmin,
  nameTaken,
  passkeyHeld,
  tooManyNames,
  userExists,
} from "../refusals.ts";
import type { Account, AccountStore, LinkedIdentity, SaidByDeleted } from "./account_store.ts";
import { chatName, isReserved, nameFolds, username as checkUsername, usernameFolds } from "./names.ts";
import type { PasswordHashing } from "./password_hashing.ts";
import { checkPassword } from "./password_rules.ts";
import type { AccountRole } from "./roles.ts";

/** How many names an account may have had. Each stays its own, so that nobody else can speak under it. */
const MOST_FORMER_NAMES = 5;

/** Longer than any name or e-mail address, folded, and shorter than a key of the database may be. */
const MOST_HANDLE_LENGTH = 512;

/** Who people are: making, finding and changing accounts. */
export class Accounts {
  #store: AccountStore;
  #hasher: PasswordHashing;

  constructor(store: AccountStore, hasher: PasswordHashing) {
    this.#store = store;
    this.#hasher = hasher;
  }

  /**
   * Makes an account.
   *
   * @param wanted.password Undefined where the account comes in by an identity.
   * @param wanted.invitation The id of that by which somebody comes, and which is used by it.
   * @throws {Refusal} `bad_username`, `bad_name`, `bad_password`, `common_password`, `password_is_name`, `user_exists`,
   * `name_taken`, `invitation_not_valid`, `busy`
   */
  async signUp(
    wanted: {
      username: unknown;
      name: unknown;
      password: string | undefined;
      role?: AccountRole | undefined;
      identity?: LinkedIdentity;
      invitation?: string | undefined;
    },
  ): Promise<Account> {
    const username = checkUsername(wanted.username);
    const name = chatName(wanted.name);
    const { password, identity, invitation } = wanted;
    if (password !== undefined) await checkPassword(password, { username, name });
    await this.checkUsernameFree(username);
    await this.checkNameFree(name);
    const account: Account = {
      id: ulid(),
      username,
      name,
      formerNames: [],
      role: wanted.role ?? "member",
      passwordHash: password === undefined ? undefined : await this.#hasher.hash(password),
      totp: undefined,
      recoveryCodes: [],
      passkeys: [],
      identities: identity === undefined ? [] : [identity],
      disabled: false,
      ignored: [],
      createdAt: new Date(),
    };
    const handles = new Set([...usernameFolds(username), ...nameFolds(name)]);
    const added = await this.#store.add(account, [...handles], { invitation });
    if (added === "held") throw userExists();
    if (added === "not invited") throw invitationNotValid();
    return account;
  }

  /** @throws {Refusal} `bad_username`, `user_exists` */
  async checkUsernameFree(username: unknown): Promise<void> {
    if (await this.#heldByOther(usernameFolds(checkUsername(username)))) throw userExists();
  }

  /**
   * @param own The account that asks: what it holds already is free to it.
   * @throws {Refusal} `bad_name`, `name_taken`
   */
  async checkNameFree(name: unknown, own?: string): Promise<void> {
    const checked = chatName(name);
    if (isReserved(checked) || await this.#heldByOther(nameFolds(checked), own)) throw nameTaken();
  }

  /** Whether an account holds, or once held, this name or username or one that looks like it. */
  isHeld(handle: string): Promise<boolean> {
    return this.#heldByOther(usernameFolds(handle));
  }

  find(id: string): Promise<Account | undefined> {
    return this.#store.find(id);
  }

  /**
   * @param id As somebody gives it.
   * @throws {Refusal} `account_not_found`
   */
  async get(id: string): Promise<Account> {
    const account = isUlid(id) ? await this.#store.find(id) : undefined;
    if (account === undefined) throw accountNotFound(id);
    return account;
  }

  /** The account that answers to a username, a name or a former name, written in any case. */
  async findByHandle(handle: string): Promise<Account | undefined> {
    const [canonical] = usernameFolds(handle);
    const account = canonical === undefined ? undefined : await this.#holder(canonical);
    return account !== undefined && account !== "gone" && answersTo(account, handle) ? account : undefined;
  }

  /** The account whose name in chat this is, written in any case. */
  async findByName(name: string): Promise<Account | undefined> {
    const account = await this.findByHandle(name);
    return account !== undefined && nameFolds(account.name)[0] === nameFolds(name)[0] ? account : undefined;
  }

  findByPasskey(id: string): Promise<Account | undefined> {
    return this.#store.findByPasskey(id);
  }

  findByIdentity(identity: Pick<LinkedIdentity, "issuer" | "subject">): Promise<Account | undefined> {
    return this.#store.findByIdentity(identity);
  }

  /**
   * The account to which this username (or name) and password belong. An unknown one takes as long as a wrong password.
   * As a password may wait to be checked, the account is looked at again: it may have another one by then.
   *
   * @throws {Refusal} `busy`
   */
  async authenticate(handle: string, password: string): Promise<Account | undefined> {
    this.#hasher.checkRoom(); // before the database is asked: a flood would keep others from it
    const account = await this.findByHandle(handle);
    const right = await this.#hasher.verify(password, account?.passwordHash);
    const now = await this.#store.find(account?.id ?? "nobody");
    return right && now?.passwordHash === account?.passwordHash ? now : undefined;
  }

  /** @throws {Refusal} `bad_password`, `common_password`, `password_is_name`, `busy`, `account_not_found` */
  async setPassword(id: string, password: string): Promise<Account> {
    await checkPassword(password, await this.get(id));
    const passwordHash = await this.#hasher.hash(password);
    return await this.change(id, (account) => ({ ...account, passwordHash }));
  }

  /** Takes away codes and recovery codes; passkeys stay. @throws {Refusal} `account_not_found` */
  resetMfa(id: string): Promise<Account> {
    return this.change(id, (account) => ({ ...account, totp: undefined, recoveryCodes: [] }));
  }

  /** @throws {Refusal} `passkey_held` where another account has one of them, `account_not_found` */
  changePasskeys(
    id: string,
    change: (passkeys: Account["passkeys"], account: Account) => Account["passkeys"],
  ): Promise<Account> {
    const withPasskeys = (account: Account) => ({ ...account, passkeys: change(account.passkeys, account) });
    return this.change(id, withPasskeys, passkeyHeld);
  }

  /** @throws {Refusal} `identity_held` where it is another account's, `account_not_found` */
  changeIdentities(
    id: string,
    change: (identities: Account["identities"], account: Account) => Account["identities"],
  ): Promise<Account> {
    const withIdentities = (account: Account) => ({
      ...account,
      identities: change(account.identities, account),
    });
    return this.change(id, withIdentities, identityHeld);
  }

  /** @throws {Refusal} `bad_name`, `name_taken`, `too_many_names`, `account_not_found` */
  async rename(id: string, wanted: unknown): Promise<Account> {
    const name = chatName(wanted);
    await this.checkNameFree(name, id);
    const renamed = await this.#store.change(id, (account) => withName(account, name), nameFolds(name));
    if (renamed === "held") throw nameTaken();
    if (renamed === undefined) throw accountNotFound(id);
    return renamed;
  }

  /** @throws {Refusal} `account_not_found` */
  setRole(id: string, role: AccountRole): Promise<Account> {
    return this.change(id, (account) => ({ ...account, role }));
  }

  /** @throws {Refusal} `account_not_found` */
  setDisabled(id: string, disabled: boolean): Promise<Account> {
    return this.change(id, (account) => ({ ...account, disabled }));
  }

  /** @throws {Refusal} `account_not_found` */
  setIgnored(id: string, ignored: Iterable<string>): Promise<Account> {
    return this.change(id, (account) => ({ ...account, ignored: [...ignored] }));
  }

  /**
   * Deletes an account for good. What it has left behind is erased by chat/erasure.ts.
   *
   * @throws {Refusal} `account_not_found`
   */
  async delete(id: string, { said = "keep" }: { said?: SaidByDeleted } = {}): Promise<void> {
    if (!await this.#store.remove(id, said)) throw accountNotFound(id);
  }

  /**
   * For accounts that go by themselves; the operator can always make another admin.
   *
   * @throws {Refusal} `last_admin`
   */
  async checkNotLastAdmin({ id, role }: Account): Promise<void> {
    if (role === "admin" && !await this.hasAdmin({ beside: id })) throw lastAdmin();
  }

  /** All accounts, or those made after the one of an id, in the order of their making. */
  list(after?: string): AsyncIterable<Account> {
    return this.#store.list(after);
  }

  /** Whether there is an admin who can come in, beside an account or at all; `comesIn` may ask for more than that. */
  async hasAdmin(
    { beside, comesIn = () => true }: { beside?: string; comesIn?: (account: Account) => boolean } = {},
  ): Promise<boolean> {
    for await (const account of this.#store.list()) {
      const { id, role, disabled } = account;
      if (role === "admin" && !disabled && id !== beside && comesIn(account)) return true;
    }
    return false;
  }

  /**
   * For those who look after a part of accounts.
   *
   * @param change May be called again and again; what it throws goes on, and nothing is changed.
   * @param held What is refused where another account has what this one would get.
   * @throws {Refusal} `account_not_found`
   */
  async change(
    id: string,
    change: (account: Account) => Account,
    held: () => Error = () => accountNotFound(id),
  ): Promise<Account> {
    const changed = await this.#store.change(id, change);
    if (changed === undefined) throw accountNotFound(id);
    if (changed === "held") throw held();
    return changed;
  }

  async #heldByOther(handles: readonly string[], own?: string): Promise<boolean> {
    const holders = await Promise.all(handles.map((handle) => this.#holder(handle)));
    return holders.some((holder) => holder === "gone" || (holder !== undefined && holder.id !== own));
  }

  async #holder(handle: string): Promise<Account | "gone" | undefined> {
    return handle.length > MOST_HANDLE_LENGTH ? undefined : await this.#store.holder(handle);
  }
}

/** Whether an account answers to a username, a name or a former name, written in any case. */
export function answersTo(
  { username, name, formerNames }: Pick<Account, "username" | "name" | "formerNames">,
  handle: string,
): boolean {
  const [canonical] = usernameFolds(handle);
  return canonical !== undefined &&
    [username, name, ...formerNames].some((own) => usernameFolds(own)[0] === canonical);
}

/** @throws {Refusal} `too_many_names` */
function withName(account: Account, name: string): Account {
  if (account.name === name) return account;
  const formerNames = [...new Set([...account.formerNames, account.name])].filter((former) =>
    former !== name
  );
  if (formerNames.length > MOST_FORMER_NAMES) throw tooManyNames(MOST_FORMER_NAMES);
  return { ...account, name, formerNames };
}
