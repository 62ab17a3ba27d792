import type { Bus } from "./bus.ts";
import type { Message } from "./event.ts";
import { type Ids, timeOf } from "./ids.ts";
import type { Member } from "./member.ts";
import type { MessageLog } from "./message_log.ts";

/** How many of its latest messages a room shows to those who enter. */
const RECENT = 10;

interface RoomParts {
  readonly log: MessageLog;
  readonly bus: Bus;
  readonly ids: Ids;
}

/** A place where everybody present hears what is said, in one order. */
export class Room {
  #log: MessageLog;
  #bus: Bus;
  #ids: Ids;
  /** The latest messages that were told, oldest first. */
  #recent: Message[];

  private constructor(readonly name: string, parts: RoomParts, recent: Message[]) {
    this.#log = parts.log;
    this.#bus = parts.bus;
    this.#ids = parts.ids;
    this.#recent = recent;
  }

  /** Opens a room with what its log holds. */
  static async open(name: string, parts: RoomParts): Promise<Room> {
    return new Room(name, parts, await parts.log.latest(name, RECENT));
  }

  get recent(): readonly Message[] {
    return this.#recent;
  }

  /**
   * Says something to everyone in the room; answers when it is kept and told.
   *
   * @param origin The id of the listener that it came from.
   * @throws {Refusal} `not_stored`
   */
  async say(speaker: Member, said: { text: string; action: boolean; origin: string }): Promise<Message> {
    const message = this.#compose(speaker, said); // takes the next id: the order is settled here
    await this.#log.append(message); // commits in groups, answers in the order of the ids
    this.#bus.publish(message, said.origin); // kept first: what was told must not be lost
    return message;
  }

  /** Remembers a message that is being told, for those who enter after it. */
  told(message: Message): void {
    this.#recent.push(message);
    if (this.#recent.length > RECENT) this.#recent.shift();
  }

  #compose(speaker: Member, { text, action }: { text: string; action: boolean }): Message {
    const id = this.#ids.next();
    return { type: "message", id, room: this.name, from: speaker.name, text, action, at: timeOf(id) };
  }
}
