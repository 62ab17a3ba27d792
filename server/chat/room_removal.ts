import type { Actor } from "../accounts/audit_trail.ts";
import { pause } from "../pause.ts";
import { lobbyStaysOpen } from "../refusals.ts";
import type { Left } from "./event.ts";
import type { Hub } from "./hub.ts";
import type { Pruner } from "./pruner.ts";
import type { Room } from "./room.ts";
import { LOBBY } from "./room_name.ts";
import type { SearchIndex } from "./search_index.ts";

/** Between two parts the server is there for others. */
const PAUSE_MS = 5;

/** When it is tried again what the disk has refused. */
const RETRY_MS = 60_000;

interface RoomRemovalParts {
  readonly hub: Hub;
  readonly pruner: Pick<Pruner, "room">;
  readonly search: Pick<SearchIndex, "prune">;
  /** Told of each room of which nothing is left. */
  readonly removed: (what: Removed) => void;
  /** Told why it broke off; it is tried again after a while. */
  readonly failed: (error: unknown) => void;
}

/** What was removed with a room, since the server has started. */
export interface Removed {
  readonly room: string;
  readonly messages: number;
  readonly tookMs: number;
}

/**
 * Deletes rooms: whoever is in one is told and put out at once; all that was said in it, its bans and who belongs to it
 * go in the background and little by little. Until nothing is left nobody can make another room of its name. Where it is
 * cut short, the next start goes on.
 */
export class RoomRemoval implements AsyncDisposable {
  #parts: RoomRemovalParts;
  /** Room → the work on what is left of it. */
  #underWay = new Map<string, Promise<void>>();
  #closing = new AbortController();

  constructor(parts: RoomRemovalParts) {
    this.#parts = parts;
  }

  /** Goes on with what was begun before the start. */
  resume(): void {
    for (const room of this.#parts.hub.rooms.closing) void this.finish(room);
  }

  /**
   * Deletes a room, as far as people see it.
   *
   * @throws {Refusal} `lobby_stays_open`, `no_such_room`, `not_stored`
   */
  async begin(by: Actor, room: Room): Promise<void> {
    const { hub } = this.#parts;
    if (room.name === LOBBY) throw lobbyStaysOpen();
    await hub.moderation.record(by, { what: "delete room", whom: `#${room.name}`, why: "" });
    await hub.rooms.close(room, () => this.#putOut(room, by.name));
    void this.finish(room.name);
  }

  /**
   * Removes what is left of a room that was deleted.
   *
   * @returns When nothing is, or the server stops.
   */
  finish(room: string): Promise<void> {
    if (!this.#parts.hub.rooms.closing.has(room)) return Promise.resolve(); // it may be another one of its name
    const underWay = this.#underWay.get(room) ??
      this.#insist(room).finally(() => this.#underWay.delete(room));
    this.#underWay.set(room, underWay);
    return underWay;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#underWay.values());
  }

  #putOut(room: Room, by: string): void {
    const { hub } = this.#parts;
    hub.note(room, `${by} has deleted the room.`);
    hub.distribution.endWatches(({ rooms }) => rooms.includes(room), `#${room.name} was deleted.`);
    const left = {
      type: "left",
      room: room.name,
      reason: "kicked",
      passage: "door",
      at: new Date(),
    } as const;
    for (const member of [...room.members]) {
      room.unseat(member);
      const event: Left = { ...left, name: member.name };
      for (const listener of member.listeners) listener.deliver(event); // nobody else: the room is going with them
    }
  }

  async #insist(room: string): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        return await this.#remove(room);
      } catch (error) {
        if (!signal.aborted) this.#parts.failed(error);
        await pause(RETRY_MS, signal);
      }
    }
  }

  async #remove(room: string): Promise<void> {
    const { hub, pruner, search, removed } = this.#parts;
    const beganMs = performance.now();
    const { lastId } = hub.distribution; // all that was said in it has been told, and so has a lower id or this
    let messages = 0;
    for await (const count of pruner.room(room, `${lastId}\0`, { thorough: true })) {
      messages += count;
      await this.#rest();
    }
    search.prune(room, lastId);
    await hub.moderation.forgetRoom(room);
    await hub.places.takeAwayFromAll(room);
    await hub.rooms.forget(room);
    removed({ room, messages, tookMs: performance.now() - beganMs });
  }

  /** @throws what the signal was aborted with, when the server stops. */
  async #rest(): Promise<void> {
    const { signal } = this.#closing;
    await pause(PAUSE_MS, signal);
    signal.throwIfAborted();
  }
}
