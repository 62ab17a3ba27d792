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
  /** A PHC string, Argon2id; undefined for an account that comes in by other ways only. */
  readonly passwordHash: string | undefined;
  /** What its codes are made by; undefined where it has not switched them on. */
  readonly totp: Totp | undefined;
  /** Digests of the recovery codes that are left, as mfa.ts makes them. */
  readonly recoveryCodes: readonly string[];
  readonly passkeys: readonly Passkey[];
  /** Who it is elsewhere, and so may come in by. */
  readonly identities: readonly LinkedIdentity[];
  readonly disabled: boolean;
  /** The names of those whom it does not want to hear. */
  readonly ignored: readonly string[];
  readonly createdAt: Date;
}

/** What an authenticator app and the server have in common (RFC 6238: SHA-1, six digits, 30 s). */
export interface Totp {
  /** 20 random bytes in Base32. */
  readonly secret: string;
  readonly since: Date;
  /** The 30 seconds since 1970 whose code was used last: none of these or before is good any more. */
  readonly lastStep: number;
}

/** A key pair of which somebody's device has the secret half (WebAuthn). */
export interface Passkey {
  /** The credential's id, Base64url. */
  readonly id: string;
  /** What its owner calls it. */
  readonly name: string;
  /** COSE. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** Rises with each use, where the device counts; else 0. */
  readonly counter: number;
  /** How a browser reaches the device: "internal", "usb", "hybrid", … */
  readonly transports: readonly string[];
  /** The host name that it was made for, and is good at. */
  readonly host: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | undefined;
}

/** Who somebody is for an identity provider. */
export interface LinkedIdentity {
  /** As OpenID Connect has it; of the others the address of their web site. */
  readonly issuer: string;
  /** What the issuer never gives to anybody else. */
  readonly subject: string;
  /** For people: an e-mail address or a name, as the issuer gave it when it was used last. */
  readonly label: string;
  readonly linkedAt: Date;
  readonly lastUsedAt: Date | undefined;
}

/** What becomes of what a deleted account has said in rooms: it stays as that of nobody, or goes. */
export type SaidByDeleted = "keep" | "erase";

/** What stands in the way of a change: another account holds a name, a passkey or an identity. */
export type Held = "held";

/**
 * Where accounts are kept. A handle is a folded username or name; it leads to one account, for ever. A passkey or an
 * identity leads to one account as long as that has it.
 */
export interface AccountStore {
  find(id: string): Promise<Account | undefined>;

  /** The account that holds a handle; "gone" where its account was deleted. */
  holder(handle: string): Promise<Account | "gone" | undefined>;

  /** The account that has a passkey. */
  findByPasskey(id: string): Promise<Account | undefined>;

  /** The account of somebody whom an issuer knows. */
  findByIdentity(identity: Pick<LinkedIdentity, "issuer" | "subject">): Promise<Account | undefined>;

  /**
   * Keeps a new account with its handles.
   *
   * @param options.invitation The id of an invitation, of which one use goes with it.
   * @returns "held" where a handle or an identity is, "not invited" where the invitation is not good any more; nothing
   *   is kept then.
   */
  add(
    account: Account,
    handles: readonly string[],
    options?: { invitation?: string | undefined },
  ): Promise<"added" | Held | "not invited">;

  /**
   * Replaces an account by what `change` makes of it, again and again until nobody came between. What `change` throws
   * goes on, and nothing is changed.
   *
   * @param handles Further handles that the change takes up.
   * @returns The account as it now is; "held" where another account holds one of the handles, passkeys or identities;
   *   undefined where there is no such account.
   */
  change(
    id: string,
    change: (account: Account) => Account,
    handles?: readonly string[],
  ): Promise<Account | Held | undefined>;

  /**
   * Deletes an account; its handles stay taken. That what it has left behind is to be erased is kept together with this
   * (chat/erasure.ts), so that nothing is forgotten. Answers false where there is none.
   */
  remove(id: string, said: SaidByDeleted): Promise<boolean>;

  /** All accounts, or those made after the one of an id, in the order of their making. */
  list(after?: string): AsyncIterable<Account>;
}
