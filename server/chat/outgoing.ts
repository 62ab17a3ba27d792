import type { Hub } from "./hub.ts";
import type { Person } from "./member.ts";

/** Something that the operator wants to be said in the server's name. */
export interface Outgoing {
  /** A ULID. */
  readonly id: string;
  readonly room: string;
  readonly text: string;
}

/** Where it is kept until it has been said. */
export interface OutgoingStore {
  find(id: string): Promise<Outgoing | undefined>;

  /** Oldest first. */
  list(): AsyncIterable<Outgoing>;

  /** @throws {Refusal} `not_stored` */
  put(outgoing: Outgoing): Promise<void>;

  /** @throws {Refusal} `not_stored` */
  remove(id: string): Promise<void>;
}

/** The server itself, when it speaks: a name that nobody else can have. */
const SERVER: Person = {
  key: "server",
  name: "server",
  role: "admin",
  account: undefined,
  address: "",
  isIn: () => true,
};

/**
 * Says what the operator wants to be said, and then forgets it. After a crash in between it is said again: better twice
 * than not at all. Rooms that are gone by now are not made anew.
 *
 * @throws {Refusal} `not_stored`
 */
export async function sayForOperator(
  outgoing: Outgoing,
  { hub, store }: { hub: Hub; store: OutgoingStore },
): Promise<void> {
  const room = hub.rooms.find(outgoing.room);
  await room?.say(SERVER, { text: outgoing.text, action: false, origin: "" });
  await store.remove(outgoing.id);
}
