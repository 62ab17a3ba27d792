import { noSuchRoom, shuttingDown, tooManyStreams } from "../refusals.ts";
import { within } from "../transport/deadline.ts";
import { EventStream, type Listening, type StreamParts } from "./event_stream.ts";

/** How many streams one account may have open. */
const MOST_OF_ACCOUNT = 20;

/** All programs that are told over HTTP what happens. */
export class EventStreams {
  #parts: StreamParts;
  /** Person's key → the streams that are open. */
  #streams = new Map<string, Set<EventStream>>();
  #closed = false;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  /**
   * Begins to tell. Whether somebody may listen is looked at in the same go, so that nobody loses a room in between.
   *
   * @param listening.rooms Open, and at least one.
   * @throws {Refusal} `shutting_down`, `too_many_streams`, `banned`, `no_such_room`
   */
  open(listening: Listening): EventStream {
    const { person, rooms } = listening;
    if (this.#closed) throw shuttingDown();
    const own = this.#streams.get(person.key) ?? new Set();
    if (own.size >= MOST_OF_ACCOUNT) throw tooManyStreams(MOST_OF_ACCOUNT);
    this.#parts.hub.moderation.checkMayEnter(person);
    for (const room of rooms) {
      if (!room.mayRead(person)) throw noSuchRoom(room.name);
      this.#parts.hub.moderation.checkMayJoin(person, room.name);
    }
    const stream = new EventStream(listening, this.#parts);
    this.#streams.set(person.key, own.add(stream));
    void stream.gone.then(() => this.#remove(person.key, stream));
    return stream;
  }

  /** How many are open. */
  get size(): number {
    return this.#streams.values().reduce((sum, own) => sum + own.size, 0);
  }

  /** Lets nobody listen any more, and ends all streams with a last sentence; waits until it is read, for so long at most. */
  async endAll(sentence: string, withinMs: number): Promise<void> {
    this.#closed = true;
    const streams = [...this.#streams.values()].flatMap((own) => [...own]);
    for (const stream of streams) stream.end(sentence);
    await within(withinMs, Promise.all(streams.map(({ gone }) => gone)));
  }

  #remove(key: string, stream: EventStream): void {
    const own = this.#streams.get(key);
    own?.delete(stream);
    if (own?.size === 0) this.#streams.delete(key);
  }
}
