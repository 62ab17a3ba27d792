import type { Connection, People } from "./_people.ts";
import type { Rooms } from "./_rooms.ts";
import { BrokenPromise } from "./broken_promise.ts";
import type { ConnectionId, Happening, PersonId, Place, Said } from "./happening.ts";

type Of<Type extends Happening["type"]> = Extract<Happening, { type: Type }>;

/** Something that was said, and what the server made of it. */
interface Word extends Omit<Of<"says">, "type"> {
  readonly at: number;
  id: string | undefined;
  /** When it was acknowledged, told or found in a history: from then on the server is bound to it. */
  boundAt: number | undefined;
  /** Acknowledged. */
  kept: boolean;
  refused: string | undefined;
  waits: boolean;
  /** Of private messages: it was sent just after its recipient had vanished, which the server may have learnt later. */
  readonly crossed: boolean;
  /** Of private messages: the connections of the recipient that were told. */
  readonly toldTo: Set<ConnectionId>;
  /** As it was read first, where the server may change it. */
  read: string | undefined;
}

/** What a connection has been told of a room. */
interface Listening {
  /** From this moment on it reads in order. */
  since: number;
  /** What it was told from then on, in that order. */
  sequence: Word[];
  readonly heard: Set<number>;
  /** How much of what was said there was looked at already. */
  looked: number;
}

/** The book of all that was said: who has to be told of it, who may be, and what of it must be kept. */
export class Book {
  checks = 0;
  #people: People;
  #rooms: Rooms;
  /** Number → word. */
  #words = new Map<number, Word>();
  /** Place → words, in the order in which they were sent. */
  #byPlace = new Map<string, Word[]>();
  /** Account → private messages to it that were not told yet, or may have to be told to more of its connections. */
  #letters = new Map<PersonId, Word[]>();
  /** Connection and room → what it has been told. */
  #listening = new Map<string, Listening>();
  /** Connection and sender → the id of the private message that was told last. */
  #lastLetter = new Map<string, string>();
  /** When the disk was full last. */
  #fullAt = -1;

  constructor(people: People, rooms: Rooms) {
    this.#people = people;
    this.#rooms = rooms;
  }

  says({ type: _, ...word }: Of<"says">, at: number): void {
    const entry: Word = {
      ...word,
      at,
      id: undefined,
      boundAt: undefined,
      kept: false,
      refused: undefined,
      waits: false,
      crossed: "person" in word.to && this.#people.mayBeThoughtHere(word.to.person),
      toldTo: new Set(),
      read: word.text,
    };
    this.#words.set(word.number, entry);
    push(this.#byPlace, placeKey(placeOf(entry)), entry);
    if ("person" in word.to && this.#people.isAccount(word.to.person)) {
      push(this.#letters, word.to.person, entry);
    }
  }

  isKept({ number, id, waits }: Of<"is kept">, at: number): void {
    const word = this.#find(number);
    this.#bind(word, id, at);
    word.kept = true;
    word.waits = waits;
  }

  isRefused({ number, code }: Of<"is refused">): void {
    const word = this.#find(number);
    if (word.boundAt !== undefined) {
      throw new BrokenPromise("kept", `${spell(word)} was refused (${code}), and told.`);
    }
    word.refused = code;
  }

  looksAt({ connection, room }: Of<"looks at">, at: number): void {
    const listening = this.#listeningOf(connection, room);
    listening.since = at;
    listening.sequence = [];
  }

  isTold({ connection: id, said }: Of<"is told">, at: number): void {
    const connection = this.#people.connections.get(id);
    if (connection?.person === undefined) return; // what was read after the end
    const word = this.#recognize(said, connection.person, at);
    if ("room" in word.to) this.#isToldInRoom(word, { connection, room: word.to.room, said, at });
    else this.#isToldPrivately(word, { connection, to: word.to.person, said });
  }

  reads({ person, said, askedAt, all }: Of<"reads">, at: number): void {
    const words = said.map((one) => {
      const word = this.#recognize(one, person, at);
      const mayRead = "room" in word.to
        ? this.#rooms.mayRead(person, word.to.room, askedAt)
        : [word.person, word.to.person].includes(person);
      if (!mayRead) throw new BrokenPromise("private", `${person} could read ${spell(word)}.`);
      return word;
    });
    if (all === undefined) return;
    const what = `the history of ${placeKey(all.place)}`;
    inOrder(words, what);
    const found = new Set(words);
    for (const word of this.#byPlace.get(placeKey(all.place)) ?? []) {
      this.checks++;
      if (found.has(word) || word.boundAt === undefined || word.boundAt > askedAt) continue;
      if (word.id === undefined || word.id > all.after) {
        throw new BrokenPromise("kept", `${spell(word)} is not in ${what}.`);
      }
    }
  }

  /** Whatever a connection had to be told by now it was told. */
  isUpToDate(connection: Connection, at: number): void {
    const { person } = connection;
    if (person === undefined) return;
    for (const room of this.#rooms.of(person)) this.#hasHeardAll(connection, { person, room });
    for (const [key, { sequence }] of this.#listening) {
      if (key.startsWith(`${connection.id} #`)) {
        inOrder(sequence, `what connection ${connection.id} of ${person} was told`);
      }
    }
    for (const word of this.#letters.get(person) ?? []) this.#hasArrived(word, { connection, person, at });
  }

  diskIsFull(at: number): void {
    this.#fullAt = at;
  }

  /** What is told from then on is told over other connections. */
  forget(id: ConnectionId): void {
    for (const book of [this.#listening, this.#lastLetter]) {
      for (const key of book.keys()) if (key.startsWith(`${id} #`)) book.delete(key);
    }
  }

  serverEnds(): void {
    this.#listening.clear();
    this.#lastLetter.clear();
    for (const [person, words] of this.#letters) {
      this.#letters.set(person, words.filter(({ toldTo }) => toldTo.size === 0));
    }
  }

  /** What somebody is told is what was said, by whom it was said and where. */
  #recognize(said: Said, reader: PersonId, at: number): Word {
    this.checks++;
    const word = said.number === undefined ? undefined : this.#words.get(said.number);
    if (word === undefined) {
      throw new BrokenPromise("own", `${reader} reads what nobody has said: ${JSON.stringify(said)}.`);
    }
    if (word.refused !== undefined) {
      throw new BrokenPromise(
        "kept",
        `${spell(word)} was refused (${word.refused}), and ${reader} reads it.`,
      );
    }
    if (said.from !== undefined && !this.#people.isNameOf(word.person, said.from)) {
      throw new BrokenPromise("own", `${spell(word)} is told as if ${said.from} had said it.`);
    }
    const where = "room" in word.to ? word.to.room : undefined;
    if (said.room !== where) {
      throw new BrokenPromise("private", `${spell(word)} is told in ${said.room ?? "a private message"}.`);
    }
    if (said.to !== undefined && "person" in word.to && !this.#people.isNameOf(word.to.person, said.to)) {
      throw new BrokenPromise("private", `${spell(word)} is told as if it were to ${said.to}.`);
    }
    word.read ??= said.text;
    if (word.read !== said.text || word.action !== said.action) {
      throw new BrokenPromise("undisturbed", `${spell(word)} is told garbled: ${JSON.stringify(said)}.`);
    }
    this.#bind(word, said.id, at);
    return word;
  }

  #isToldInRoom(
    word: Word,
    { connection, room, said, at }: { connection: Connection; room: string; said: Said; at: number },
  ): void {
    const { id, person = "" } = connection;
    const listening = this.#listeningOf(id, room, connection.enteredAt);
    const isPast = connection.mode === "text" && word.at < listening.since;
    if (!this.#rooms.mayHear(person, room, word.at)) {
      throw new BrokenPromise("private", `${person} is not in #${room}, and was told ${spell(word)}.`);
    }
    this.#isWanted(word, person, said);
    if (word.connection === id && !isPast) {
      throw new BrokenPromise("order", `${spell(word)} came back to the connection that it was sent by.`);
    }
    if (listening.sequence.includes(word) || (listening.heard.has(word.number) && !isPast)) {
      throw new BrokenPromise("order", `Connection ${id} of ${person} was told ${spell(word)} twice.`);
    }
    listening.heard.add(word.number);
    listening.sequence.push(word);
    if (listening.sequence.length > 500) {
      inOrder(listening.sequence, `what connection ${id} of ${person} was told, up to ${at}`);
      listening.sequence = listening.sequence.slice(-50);
    }
  }

  #isToldPrivately(
    word: Word,
    { connection, to, said }: { connection: Connection; to: PersonId; said: Said },
  ): void {
    const { id, person = "" } = connection;
    if (person !== to && person !== word.person) {
      throw new BrokenPromise("private", `${person} was told ${spell(word)}.`);
    }
    if (person !== to) return;
    this.#isWanted(word, person, said);
    if (word.toldTo.has(id)) {
      throw new BrokenPromise("order", `Connection ${id} of ${person} was told ${spell(word)} twice.`);
    }
    word.toldTo.add(id);
    const isOnce = word.waits && word.at > this.#fullAt && !this.#people.mayHaveLost(person, word.at);
    if (isOnce && word.toldTo.size > 1) {
      throw new BrokenPromise("order", `${spell(word)} had waited, and was shown to ${person} twice.`);
    }
    if (word.id === undefined || word.connection === undefined) return;
    const key = `${id} #${word.connection}`; // what is sent by two connections may be kept in another order
    if (word.id < (this.#lastLetter.get(key) ?? "")) {
      throw new BrokenPromise("order", `${person} was told ${spell(word)} after what was said later.`);
    }
    this.#lastLetter.set(key, word.id);
  }

  #isWanted(word: Word, reader: PersonId, { from }: Said): void {
    if (from === undefined || !this.#rooms.ignoresSince(reader, from, word.at)) return;
    throw new BrokenPromise("private", `${reader} ignores ${from}, and was told ${spell(word)}.`);
  }

  #hasHeardAll(connection: Connection, { person, room }: { person: PersonId; room: string }): void {
    const listening = this.#listeningOf(connection.id, room, connection.enteredAt);
    const words = this.#byPlace.get(placeKey({ room })) ?? [];
    for (; listening.looked < words.length; listening.looked++) {
      const word = words[listening.looked]!;
      this.checks++;
      if (
        word.boundAt === undefined || word.connection === connection.id || listening.heard.has(word.number)
      ) continue;
      if (word.at < connection.enteredAt || !this.#rooms.isThereSince(person, room, word.at)) continue;
      if (!this.#hears(person, word)) continue;
      throw new BrokenPromise(
        "kept",
        `Connection ${connection.id} of ${person} was not told ${spell(word)}.`,
      );
    }
    listening.heard.clear(); // all of it was looked at
    for (const { number } of listening.sequence) listening.heard.add(number);
  }

  #hasArrived(
    word: Word,
    { connection, person, at }: { connection: Connection; person: PersonId; at: number },
  ): void {
    this.checks++;
    if (!word.kept || word.toldTo.has(connection.id) || !this.#hears(person, word)) return;
    const wasHere = word.at > connection.enteredAt;
    if (wasHere || (word.toldTo.size === 0 && !this.#mayBeLost(word, { connection, person }))) {
      const how = word.waits ? "which waited" : "which did not wait";
      throw new BrokenPromise(
        "kept",
        `Connection ${connection.id} of ${person} was not told ${spell(word)} ${how}, by ${at}.`,
      );
    }
  }

  /** Whether a private message may have been told to a connection that ended, or had ended, before it came there. */
  #mayBeLost(word: Word, { connection, person }: { connection: Connection; person: PersonId }): boolean {
    const crossed = word.crossed && !word.waits && word.at < connection.openedAt;
    return crossed || this.#people.mayHaveLost(person, word.at);
  }

  /** Whether somebody certainly does not ignore a speaker, under whatever name. */
  #hears(person: PersonId, word: Word): boolean {
    return this.#people.namesOf(word.person).every((name) => this.#rooms.hearsSince(person, name, word.at));
  }

  #bind(word: Word, id: string | undefined, at: number): void {
    word.boundAt ??= at;
    if (id === undefined) return;
    if (word.id !== undefined && word.id !== id) {
      throw new BrokenPromise("order", `${spell(word)} has two ids, ${word.id} and ${id}.`);
    }
    word.id = id;
  }

  #listeningOf(connection: ConnectionId, room: string, since = -1): Listening {
    const key = `${connection} #${room}`;
    let listening = this.#listening.get(key);
    if (listening === undefined) {
      listening = { since, sequence: [], heard: new Set(), looked: 0 };
      this.#listening.set(key, listening);
    }
    return listening;
  }

  #find(number: number): Word {
    const word = this.#words.get(number);
    if (word === undefined) throw new RangeError(`Nobody has said number ${number}`);
    return word;
  }
}

/** Each has a higher id than the one before, and what a connection has sent comes in the order of sending. */
function inOrder(words: readonly Word[], what: string): void {
  let last = "";
  /** Connection → what it has sent last. */
  const sent = new Map<ConnectionId, Word>();
  for (const word of words) {
    if (word.id === undefined) continue;
    if (word.id <= last) throw new BrokenPromise("order", `${spell(word)} is out of order in ${what}.`);
    last = word.id;
    if (word.connection === undefined) continue;
    const before = sent.get(word.connection);
    if (before !== undefined && before.number > word.number) {
      throw new BrokenPromise(
        "order",
        `${spell(word)} comes after ${spell(before)} in ${what}, and was said before.`,
      );
    }
    sent.set(word.connection, word);
  }
}

function placeOf({ person, to }: Word): Place {
  return "room" in to ? to : { between: [person, to.person] };
}

function placeKey(place: Place): string {
  return "room" in place ? `#${place.room}` : place.between.toSorted().join(" and ");
}

function spell({ number, id, person, to, text }: Word): string {
  const where = "room" in to ? `in #${to.room}` : `to ${to.person}`;
  const words = text === undefined ? "" : ` (${JSON.stringify(text.slice(0, 40))})`;
  return `message ${number}${words} by ${person} ${where}, id ${id ?? "unknown"},`;
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
