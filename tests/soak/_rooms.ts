import { fold } from "./_people.ts";
import { BrokenPromise } from "./broken_promise.ts";
import type { PersonId } from "./happening.ts";

export const LOBBY = "lobby";

/** Whether something is so, as far as that is certain, and since when; moments are counted in happenings. */
interface Belief {
  is: "yes" | "no" | "maybe";
  since: number;
}

/** Somebody's place in a room. What is asked for and not answered yet may be done or not. */
interface Place extends Belief {
  joining: number;
  leaving: number;
  /** Nobody had let this person in when it was asked for a place. */
  uninvited: boolean;
  /** Whoever comes in now uses up an invitation; one that comes meanwhile may remain. */
  usesInvitation: boolean;
}

/** Who is in which room, who may be, and who does not want to hear whom. */
export class Rooms {
  /** Person and room → place; nobody is anywhere before. */
  #places = new Map<string, Place>();
  /** Room → whose it is, of those that are private. */
  #owners = new Map<string, PersonId>();
  /** Person and room, of those who may have been invited and have not used it. */
  #invited = new Set<string>();
  /** Person and folded name → whether that one is ignored. */
  #ignored = new Map<string, Belief>();

  /**
   * Somebody has come in, and is where the server says; where it says nothing, in the lobby at least.
   *
   * @param how.askedAt What has changed since that moment may be in what the server says, or not.
   */
  enters(
    person: PersonId,
    { rooms, askedAt, at }: { rooms: readonly string[] | undefined; askedAt: number; at: number },
  ): void {
    this.#settle(person, LOBBY, { is: "yes", at });
    for (const room of rooms ?? []) this.#isFound(person, room, { askedAt, at });
    if (rooms === undefined) return;
    for (const [key, place] of this.#places) {
      const [whose, room = ""] = key.split(" #");
      if (whose !== person || rooms.includes(room) || place.joining > 0 || place.leaving > 0) continue;
      if (place.since > askedAt) continue;
      if (place.is === "yes") {
        throw new BrokenPromise("kept", `${person} had joined #${room} and is not there any more.`);
      }
      this.#settle(person, room, { is: "no", at });
    }
  }

  asksToJoin(person: PersonId, room: string): void {
    const place = this.#placeOf(person, room);
    place.joining++;
    if (place.is !== "no") return;
    place.uninvited = !this.#mayEnter(person, room);
    place.usesInvitation = true;
    place.is = "maybe";
  }

  isIn(person: PersonId, room: string, at: number): void {
    const place = this.#placeOf(person, room);
    place.joining = Math.max(0, place.joining - 1);
    if (place.uninvited && !this.#mayEnter(person, room)) {
      throw new BrokenPromise(
        "private",
        `${person} has come into #${room}, which is private, without an invitation.`,
      );
    }
    place.uninvited = false;
    if (place.usesInvitation) this.#invited.delete(keyOf(person, room));
    place.usesInvitation = false;
    if (place.is !== "yes") this.#settle(person, room, { is: place.leaving > 0 ? "maybe" : "yes", at });
  }

  isKeptOut(person: PersonId, room: string, at: number): void {
    const place = this.#placeOf(person, room);
    place.joining = Math.max(0, place.joining - 1);
    if (place.is !== "maybe" || place.joining > 0 || place.leaving > 0) return;
    this.#settle(person, room, { is: "no", at });
  }

  asksToLeave(person: PersonId, room: string): void {
    const place = this.#placeOf(person, room);
    place.leaving++;
    if (place.is === "yes") place.is = "maybe";
  }

  isOut(person: PersonId, room: string, at: number): void {
    const place = this.#placeOf(person, room);
    place.leaving = Math.max(0, place.leaving - 1);
    if (place.is === "no") return;
    const is = place.joining > 0 || place.leaving > 0 ? "maybe" : "no";
    this.#settle(person, room, { is, at });
  }

  /** Was refused to leave, or to be sent out. */
  stays(person: PersonId, room: string): void {
    const place = this.#placeOf(person, room);
    place.leaving = Math.max(0, place.leaving - 1);
  }

  /** What was under way is no longer, and may have been done. */
  serverEnds(): void {
    for (const place of this.#places.values()) place.joining = place.leaving = 0;
  }

  isPrivate(room: string, owner: PersonId): void {
    this.#owners.set(room, owner);
  }

  invites(room: string, person: PersonId): void {
    this.#invited.add(keyOf(person, room));
    const place = this.#placeOf(person, room);
    place.uninvited = place.usesInvitation = false;
  }

  /** Whether somebody who has asked for it at a moment may read what was said in a room. */
  mayRead(person: PersonId, room: string, moment: number): boolean {
    if (this.#mayEnter(person, room)) return true;
    const { is, since, uninvited } = this.#placeOf(person, room);
    return !uninvited && (is !== "no" || since > moment);
  }

  /** Whether somebody may have been in a room at some time since a moment. */
  mayHear(person: PersonId, room: string, since: number): boolean {
    const place = this.#placeOf(person, room);
    return place.is !== "no" || place.since > since;
  }

  /** Whether somebody has certainly been in a room since before a moment. */
  isThereSince(person: PersonId, room: string, moment: number): boolean {
    const place = this.#placeOf(person, room);
    return place.is === "yes" && place.since < moment;
  }

  /** The rooms where somebody certainly is. */
  of(person: PersonId): string[] {
    return Array.from(this.#places).flatMap(([key, { is }]) => {
      const [whose, room = ""] = key.split(" #");
      return whose === person && is === "yes" ? [room] : [];
    });
  }

  believes(person: PersonId, name: string, ignored: Belief): void {
    this.#ignored.set(keyOf(person, fold(name)), ignored);
  }

  asksToIgnore(person: PersonId, name: string, at: number): void {
    if (this.#ignoring(person, name).is !== "yes") this.believes(person, name, { is: "maybe", since: at });
  }

  /** Whether somebody has certainly ignored a name since before a moment. */
  ignoresSince(person: PersonId, name: string, moment: number): boolean {
    const { is, since } = this.#ignoring(person, name);
    return is === "yes" && since < moment;
  }

  /** Whether somebody has certainly not ignored a name since before a moment. */
  hearsSince(person: PersonId, name: string, moment: number): boolean {
    const { is, since } = this.#ignoring(person, name);
    return is === "no" && since < moment;
  }

  #isFound(person: PersonId, room: string, { askedAt, at }: { askedAt: number; at: number }): void {
    const place = this.#placeOf(person, room);
    if (place.is === "yes" || place.joining > 0 || place.leaving > 0 || place.since > askedAt) return;
    if (place.is === "no") throw new BrokenPromise("kept", `${person} had left #${room} and is there.`);
    this.#settle(person, room, { is: "yes", at });
  }

  #mayEnter(person: PersonId, room: string): boolean {
    const owner = this.#owners.get(room);
    return owner === undefined || owner === person || this.#invited.has(keyOf(person, room));
  }

  #settle(person: PersonId, room: string, { is, at }: { is: Belief["is"]; at: number }): void {
    const place = this.#placeOf(person, room);
    if (place.is === is) return;
    place.is = is;
    place.since = at;
  }

  #placeOf(person: PersonId, room: string): Place {
    const key = keyOf(person, room);
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { is: "no", since: -1, joining: 0, leaving: 0, uninvited: false, usesInvitation: false };
      this.#places.set(key, place);
    }
    return place;
  }

  #ignoring(person: PersonId, name: string): Belief {
    return this.#ignored.get(keyOf(person, fold(name))) ?? { is: "no", since: -1 };
  }
}

function keyOf(person: PersonId, what: string): string {
  return `${person} #${what}`;
}
