import { isWhole, messageIn, type Run, speakerIn } from "./_payload.ts";

/** What must not happen to a message → how often it did. */
export interface Faults {
  /** Never came to somebody who was in its room. */
  lost: number;
  doubled: number;
  /** After a later one of the same speaker, or not in the order in which others had read it. */
  misordered: number;
  /** Not what was said. */
  damaged: number;
  /** To somebody who was not in its room, or back to who said it. */
  strayed: number;
}

/** Who is where; people and rooms are numbers. */
export interface Seating {
  /** Person → the rooms that this one is in. */
  readonly roomsOf: readonly (readonly number[])[];
  readonly rooms: number;
  /** The first so many people speak, the others listen. */
  readonly speakers: number;
}

/** Knows what was said in one run and who must read it, and looks at every delivery. */
export class Oracle {
  /** Deliveries that must come, and those that came for the first time. */
  expected = 0;
  received = 0;
  #faults: Faults = { lost: 0, doubled: 0, misordered: 0, damaged: 0, strayed: 0 };
  #run: Run;
  #seating: Seating;
  /** Room → how many are in it. */
  #present: Uint32Array;
  /** Person and room → whether the one is in the other. */
  #seats: Uint8Array;
  /** Message → who said it, and where. */
  #speakerOf: number[] = [];
  #roomOf: number[] = [];
  /** Message → its place in its room, given out when the first listener reads it. */
  #rankOf: number[] = [];
  /** Room → how many places were given out. */
  #ranks: Int32Array;
  /** Person → a bit for each message, set when it is there. */
  #seen: Uint8Array[];
  /** Person and speaker → the last message of the one that the other has read, plus one. */
  #lastOf: Uint32Array;
  /** Person and room → the last place that the one has read of the other, plus one. */
  #lastRank: Int32Array;

  constructor(run: Run, seating: Seating) {
    const { roomsOf, rooms, speakers } = seating;
    const people = roomsOf.length;
    this.#run = run;
    this.#seating = seating;
    this.#present = new Uint32Array(rooms);
    this.#seats = new Uint8Array(people * rooms);
    this.#ranks = new Int32Array(rooms);
    this.#lastOf = new Uint32Array(people * speakers);
    this.#lastRank = new Int32Array(people * rooms);
    this.#seen = roomsOf.map(() => new Uint8Array(128));
    for (const [person, itsRooms] of roomsOf.entries()) {
      for (const room of itsRooms) {
        this.#present[room]!++;
        this.#seats[person * rooms + room] = 1;
      }
    }
  }

  /** So far; what is still under way counts as lost. */
  get faults(): Faults {
    return { ...this.#faults, lost: this.expected - this.received };
  }

  /** How many have to read what somebody says in a room. */
  readersIn(room: number): number {
    return this.#present[room]! - 1;
  }

  /**
   * Takes down that something is about to be said; answers its number.
   *
   * @param room The same always for one speaker: nobody has promised an order from room to room.
   */
  said(speaker: number, room: number): number {
    const message = this.#speakerOf.length;
    this.#speakerOf.push(speaker);
    this.#roomOf.push(room);
    this.#rankOf.push(-1);
    this.expected += this.readersIn(room);
    return message;
  }

  /**
   * Looks at a payload that has come to somebody.
   *
   * @returns The number of the message, where this is the delivery that was waited for; otherwise -1.
   */
  heard(person: number, bytes: Uint8Array, at: number): number {
    if (!this.#run.marks(bytes, at)) return -1;
    const message = messageIn(bytes, at);
    const speaker = this.#speakerOf[message];
    if (speaker === undefined || speakerIn(bytes, at) !== speaker || !isWhole(bytes, at)) {
      return this.#fault("damaged");
    }
    const room = this.#roomOf[message]!;
    const seat = person * this.#seating.rooms + room;
    if (person === speaker || this.#seats[seat] === 0) return this.#fault("strayed");
    if (this.#wasSeen(person, message)) return this.#fault("doubled");
    if (!this.#isInOrder(person, { message, speaker, room, seat })) this.#faults.misordered++;
    this.received++;
    return message;
  }

  #fault(fault: keyof Faults): -1 {
    this.#faults[fault]++;
    return -1;
  }

  /** Also notes that it is seen now. */
  #wasSeen(person: number, message: number): boolean {
    let seen = this.#seen[person]!;
    const [at, bit] = [message >> 3, 1 << (message & 7)];
    if (at >= seen.length) {
      const larger = new Uint8Array(Math.max(at + 1, seen.length * 2));
      larger.set(seen);
      this.#seen[person] = seen = larger;
    }
    if ((seen[at]! & bit) !== 0) return true;
    seen[at]! |= bit;
    return false;
  }

  /**
   * Both orders are looked at always, so that each keeps its place. Who listens gives out the places: speakers do not
   * read what they say, and so may be the first to read what was said after it.
   */
  #isInOrder(
    person: number,
    { message, speaker, room, seat }: { message: number; speaker: number; room: number; seat: number },
  ): boolean {
    const pair = person * this.#seating.speakers + speaker;
    const afterItsOwn = message + 1 > this.#lastOf[pair]!;
    if (afterItsOwn) this.#lastOf[pair] = message + 1;
    let rank = this.#rankOf[message]!;
    if (rank < 0 && person >= this.#seating.speakers) this.#rankOf[message] = rank = this.#ranks[room]!++;
    if (rank < 0) return afterItsOwn;
    const asOthers = rank + 1 > this.#lastRank[seat]!;
    if (asOthers) this.#lastRank[seat] = rank + 1;
    return afterItsOwn && asOthers;
  }
}
