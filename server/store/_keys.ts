/** The version of all that follows → number. */
export const SCHEMA_KEY = ["schema"];

/** Written to see whether anything can be → true. */
export const PROBE_KEY = ["probe"];

/** While the store is being brought forward → path of the backup that was made before. */
export const MIGRATION_KEY = ["migration"];

/** The key that tokens are signed with → Uint8Array of 32 bytes. */
export const SIGNING_KEY = ["signing_key"];

/** Account id → Account. Ids are ULIDs, so that a list is in the order of making. */
export const accountKey = (id: string) => ["account", id];
export const ACCOUNTS = ["account"];

/** Account id → SaidByDeleted: what was left behind by an account that was deleted is still to be erased. */
export const erasingKey = (account: string) => ["erasing", account];
export const ERASING = ["erasing"];

/** Folded username or name → id of the account that holds it; stays when the account is deleted. */
export const handleKey = (handle: string) => ["handle", handle];

/** A passkey's id → id of the account that has it. */
export const passkeyKey = (id: string) => ["passkey", id];

/** Issuer and subject → id of the account of whoever that is. */
export const identityKey = (
  { issuer, subject }: { readonly issuer: string; readonly subject: string },
) => ["identity", issuer, subject];

/** ULID → Invitation; and its code → that. */
export const invitationKey = (id: string) => ["invitation", id];
export const INVITATIONS = ["invitation"];
export const invitationCodeKey = (code: string) => ["invitation_code", code];

/** `jti` → TokenRecord. */
export const tokenKey = (id: string) => ["token", id];
export const TOKENS = ["token"];

/** Account id and `jti` → nothing: the tokens of an account. */
export const accountTokenKey = (account: string, id: string) => ["account_token", account, id];
export const accountTokens = (account: string) => ["account_token", account];

/** Room and message id → what was said, so that a list is in the order of the room. */
export const messageKey = (room: string, id: string) => ["message", room, id];
export const messages = (room: string) => ["message", room];
export const MESSAGES = ["message"];

/** The highest id that a message has had, be it one that is gone. */
export const NEWEST_ID_KEY = ["newest_id"];

/**
 * The key of a person, that of whom it was written with, and the message id → a private message, as that person has it.
 * Both sides have one, so that each can read, take along and delete what is theirs.
 */
export const directKey = (key: string, otherKey: string, id: string) => ["direct", key, otherKey, id];
export const directsBetween = (key: string, otherKey: string) => ["direct", key, otherKey];
export const directsOf = (key: string) => ["direct", key];
export const DIRECTS = ["direct"];

/** Account id and message id → a private message that the account has not seen yet. */
export const waitingKey = (account: string, id: string) => ["waiting", account, id];
export const waiting = (account: string) => ["waiting", account];
export const WAITING = ["waiting"];

/** Room → RoomRecord. */
export const roomKey = (name: string) => ["room", name];
export const ROOMS = ["room"];

/** Account id → Place. */
export const placeKey = (account: string) => ["place", account];
export const PLACES = ["place"];

/** ULID → Ban. */
export const banKey = (id: string) => ["ban", id];
export const BANS = ["ban"];

/** ULID → AuditEntry, so that a list is in the order of the deeds. */
export const auditKey = (id: string) => ["audit", id];
export const AUDIT = ["audit"];

/** Lockdown; absent where there is none. */
export const LOCKDOWN_KEY = ["lockdown"];

/** Flag of an option, without `--` → what admins have set it to, as it would be written on the command line. */
export const settingKey = (flag: string) => ["setting", flag];
export const SETTINGS = ["setting"];

/** ULID → what `parley send` wants to be said, until the server has said it. */
export const outgoingKey = (id: string) => ["outgoing", id];
export const OUTGOING = ["outgoing"];

/** What has changed of late, by a ULID → StoredChange; and which of them is the newest. */
export const changeKey = (id: string) => ["change", id];
export const CHANGES = ["change"];
export const LATEST_CHANGE_KEY = ["latest_change"];
