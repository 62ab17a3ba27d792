/** The version of all that follows → number. */
export const SCHEMA_KEY = ["schema"];

/** The key that tokens are signed with → Uint8Array of 32 bytes. */
export const SIGNING_KEY = ["signing_key"];

/** Account id → Account. Ids are ULIDs, so that a list is in the order of making. */
export const accountKey = (id: string) => ["account", id];
export const ACCOUNTS = ["account"];

/** Folded username or name → id of the account that holds it; stays when the account is deleted. */
export const handleKey = (handle: string) => ["handle", handle];

/** `jti` → TokenRecord. */
export const tokenKey = (id: string) => ["token", id];
export const TOKENS = ["token"];

/** Account id and `jti` → nothing: the tokens of an account. */
export const accountTokenKey = (account: string, id: string) => ["account_token", account, id];
export const accountTokens = (account: string) => ["account_token", account];

/** Room and message id → what was said, so that a list is in the order of the room. */
export const messageKey = (room: string, id: string) => ["message", room, id];
export const messages = (room: string) => ["message", room];

/** Account id and message id → a private message that the account has not seen yet. */
export const waitingKey = (account: string, id: string) => ["waiting", account, id];
export const waiting = (account: string) => ["waiting", account];

/** What has changed of late, by a ULID → StoredChange; and which of them is the newest. */
export const changeKey = (id: string) => ["change", id];
export const CHANGES = ["change"];
export const LATEST_CHANGE_KEY = ["latest_change"];
