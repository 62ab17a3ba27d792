import type { Chance } from "./chance.ts";
import type { PersonId } from "./happening.ts";
import { DOORS, type Link } from "./link.ts";
import type { Town } from "./town.ts";

/** Everybody's. */
export const PASSWORD = "correct horse";

/** With how many connections somebody is there at a time. */
export const MOST_LINKS = 3;

/** Guests come again and again, each time as somebody else. */
let guestsSoFar = 0;

/** Somebody who chats: with an account for the whole run, or as one guest after the other. */
export class Person {
  /** Who this is for the oracle; of a guest, this time. */
  id: PersonId;
  /** As the server calls this person just now. */
  name: string;
  readonly username: string | undefined;
  readonly chance: Chance;
  token: string | undefined;
  links: Link[] = [];
  /** The rooms beside those at home that this person has joined, as far as that is known. */
  readonly rooms = new Set<string>();
  readonly ignored = new Set<string>();
  readonly town: Town;

  constructor(town: Town, who: { id: PersonId; username?: string; guest?: number }) {
    this.town = town;
    this.id = who.id;
    this.username = who.username;
    this.name = who.username ?? `guest${who.guest}`;
    this.chance = town.chance.of(this.name);
  }

  get hasAccount(): boolean {
    return this.username !== undefined;
  }

  get isModerator(): boolean {
    return this.username === "root";
  }

  /** Those connections that answer. */
  get live(): Link[] {
    this.links = this.links.filter(({ isOver }) => !isOver);
    return this.links.filter(({ isStalled }) => !isStalled);
  }

  /** One of the connections in JSON mode. */
  get program(): Link | undefined {
    return this.chance.oneOf(this.live.filter(({ mode }) => mode === "json"));
  }

  /** Comes in by one more connection. @throws {Refused | Lost} */
  async comesIn(): Promise<Link> {
    const door = this.chance.oneOf(DOORS)!;
    if (this.hasAccount) {
      const way = this.chance.happens(0.1)
        ? { username: this.username!, password: PASSWORD }
        : { token: this.token! };
      const link = await this.town.opens(this, { door, way });
      this.links.push(link);
      return link;
    }
    this.id = `guest ${++guestsSoFar}`;
    this.rooms.clear();
    this.ignored.clear();
    const link = await this.town.opens(this, {
      door,
      way: { guest: `visitor${this.chance.between(1, 99)}` },
    });
    this.name = link.name;
    this.links.push(link);
    return link;
  }
}
