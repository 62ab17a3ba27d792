import { canonicalFold } from "../accounts/names.ts";
import { accountKey, handleKey, MESSAGES, NEWEST_ID_KEY, WAITING } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** What one commit holds at most, well within what Deno KV takes: 1,000 changes and 819,200 bytes. */
const MOST_PER_COMMIT = 500;
const MOST_BYTES_PER_COMMIT = 400_000;

/** How many authors are remembered, so that they need not be looked up for each message. */
const MOST_REMEMBERED = 10_000;

/** A message of a room as JSON text, before and after. */
type OldMessage = readonly [from: string, text: string, action: boolean];
type NewMessage = readonly [number: number, author: string, from: string, text: string, action?: 1];

/** A private message that waits, before and after. */
type OldWaiting = readonly [from: string, to: string, text: string];
type NewWaiting = readonly [fromKey: string, from: string, to: string, text: string];

/**
 * From schema 1 to 2: messages know which of their room's they are and which account spoke, and private messages that
 * wait which account has written them; the highest id of all is kept. What has been brought forward already is passed
 * over.
 */
export async function toSchema2(database: Database, progressed: (count: number) => void): Promise<void> {
  const authors = new Authors(database);
  const newestSaid = await numberMessages(database, { authors, progressed });
  const newestWaiting = await rewrite<OldWaiting | NewWaiting>(database, WAITING, {
    progressed,
    change: async (said, { key }) =>
      said.length === 4 ? undefined : [await authors.of(said[0], String(key.at(-1))), ...said],
  });
  const newest = newestSaid > newestWaiting ? newestSaid : newestWaiting;
  if (newest !== "") await database.commit((operation) => operation.set(NEWEST_ID_KEY, newest));
}

async function numberMessages(
  database: Database,
  { authors, progressed }: { authors: Authors; progressed: (count: number) => void },
): Promise<string> {
  let room: Deno.KvKeyPart | undefined;
  let number = 0;
  return await rewrite<OldMessage | NewMessage>(database, MESSAGES, {
    progressed,
    change: async (said, { key }) => {
      number = key[1] === room ? number + 1 : 1;
      room = key[1];
      if (isNumbered(said)) return undefined;
      const [from, text, action] = said;
      const author = await authors.of(from, String(key.at(-1)));
      return action ? [number, author, from, text, 1] : [number, author, from, text];
    },
  });
}

function isNumbered(said: OldMessage | NewMessage): said is NewMessage {
  return typeof said[0] === "number";
}

/**
 * Replaces the JSON texts under a prefix, a few hundred a commit. Their keys end with ids.
 *
 * @param options.change Undefined where nothing is to change.
 * @returns The highest of the ids; "" where there is none.
 */
async function rewrite<Value>(
  database: Database,
  prefix: Deno.KvKey,
  { change, progressed }: {
    change: (value: Value, entry: Deno.KvEntry<string>) => Promise<Value | undefined>;
    progressed: (count: number) => void;
  },
): Promise<string> {
  let newest = "";
  let changed: { key: Deno.KvKey; value: string }[] = [];
  let bytes = 0;
  const commit = async () => {
    const group = changed;
    [changed, bytes] = [[], 0];
    if (group.length === 0) return;
    await database.commit((operation) => {
      for (const { key, value } of group) operation.set(key, value);
      return operation;
    });
    progressed(group.length);
  };
  for await (const entry of database.kv.list<string>({ prefix }, { batchSize: MOST_PER_COMMIT })) {
    const { key } = entry;
    const id = String(key.at(-1));
    if (id > newest) newest = id;
    const value = await change(JSON.parse(entry.value), entry);
    if (value === undefined) continue;
    const text = JSON.stringify(value);
    changed.push({ key, value: text });
    bytes += 2 * text.length;
    if (changed.length === MOST_PER_COMMIT || bytes > MOST_BYTES_PER_COMMIT) await commit();
  }
  await commit();
  return newest;
}

/** Who spoke under a name. */
class Authors {
  #database: Database;
  /** Name → id of the account that holds it, "" where none does. */
  #known = new Map<string, string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The account that holds the name; "" where none does, or where it is younger than the message: then it was a guest. */
  async of(name: string, messageId: string): Promise<string> {
    const account = this.#known.get(name) ?? await this.#find(name);
    return timePart(account) <= timePart(messageId) ? account : "";
  }

  async #find(name: string): Promise<string> {
    const { kv } = this.#database;
    const { value: id } = await kv.get<string>(handleKey(canonicalFold(name)));
    const account = id !== null && (await kv.get(accountKey(id))).value !== null ? id : "";
    if (this.#known.size === MOST_REMEMBERED) this.#known.clear();
    this.#known.set(name, account);
    return account;
  }
}

/** The time in a ULID, as text that sorts. */
function timePart(id: string): string {
  return id.slice(0, 10);
}
