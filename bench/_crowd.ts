import { type Audience, Chatter, type Door } from "./_chatter.ts";
import { type DialectName, DIALECTS } from "./_dialects.ts";

/** How many shake hands at a time where there is no hurry: more would not go faster, and some servers queue no more. */
const HANDSHAKES = 8;

/** How many are then told at a time what one is told on coming in: some servers look after them once a second. */
const COMING_IN = 64;

/** How long it may take until all are in. */
const PATIENCE_MS = 120_000;

/** How long who was turned away waits before the next try. */
const RETRY_MS = 100;

/** Well below the silence after which a server asks. */
const SIGN_OF_LIFE_MS = 20_000;

/** Long enough without anything coming for all to have been told of all. */
const QUIET_MS = 500;

/** Which dialect is spoken where. */
export interface Entrance extends Door {
  readonly dialect: DialectName;
}

/** Where the people of a crowd go. */
export interface Invitation {
  /** They take them in turn. */
  readonly entrances: readonly Entrance[];
  /** Person → the names of the rooms to enter. */
  readonly rooms: readonly (readonly string[])[];
}

/** Everybody who is connected to a server. */
export class Crowd implements Disposable {
  /** How many the server has dropped. */
  dropped = 0;
  /** When something came last. */
  lastReadMs = 0;
  #invitation: Invitation;
  #chatters: Chatter[] = [];
  /** How often all have come; their names are others each time, since the server may not know yet that they were gone. */
  #visits = 0;
  #audience: Audience;
  #signs: ReturnType<typeof setInterval>;

  constructor(invitation: Invitation, { hears, hasRead }: Pick<Audience, "hears" | "hasRead">) {
    this.#invitation = invitation;
    this.#signs = setInterval(() => {
      for (const chatter of this.#chatters) chatter.givesSignOfLife();
    }, SIGN_OF_LIFE_MS);
    this.#audience = {
      hears,
      hasRead: (nowMs) => {
        this.lastReadMs = nowMs;
        hasRead(nowMs);
      },
      isGone: () => {
        this.dropped++;
      },
    };
  }

  get size(): number {
    return this.#invitation.rooms.length;
  }

  /** Lets all come in, some at a time. */
  async comesIn(): Promise<void> {
    this.#visits++;
    const waiting = this.#invitation.rooms.keys();
    const comingIn = new Set<Promise<void>>();
    await inTime(Promise.all(Array.from({ length: HANDSHAKES }, async () => {
      for (const person of waiting) {
        const chatter = await this.#dial(person);
        while (comingIn.size >= COMING_IN) await Promise.race(comingIn);
        const isIn: Promise<void> = this.#comeIn(chatter).finally(() => comingIn.delete(isIn));
        comingIn.add(isIn);
      }
      await Promise.all(comingIn);
    })));
  }

  /** Everybody's connection is cut, and everybody comes back at once, and tries again where that did not work. */
  async stormsIn(): Promise<void> {
    this.cut();
    this.#visits++;
    const deadlineMs = performance.now() + PATIENCE_MS;
    await inTime(Promise.all(
      this.#invitation.rooms.map((_, person) => this.#insist(person, deadlineMs)),
    ));
  }

  says(person: number, text: string): void {
    this.#chatters[person]!.says(text, this.#invitation.rooms[person]!.at(-1)!);
  }

  /** Waits until nothing comes any more, but not for ever. */
  async isQuiet(): Promise<void> {
    const beganMs = performance.now();
    this.lastReadMs = Math.max(this.lastReadMs, beganMs - QUIET_MS / 2);
    while (performance.now() - this.lastReadMs < QUIET_MS && performance.now() - beganMs < PATIENCE_MS) {
      await pause(20);
    }
  }

  cut(): void {
    for (const chatter of this.#chatters) chatter?.cut();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#signs);
    this.cut();
  }

  async #insist(person: number, deadlineMs: number): Promise<void> {
    for (;;) {
      try {
        return await this.#comeIn(await this.#dial(person));
      } catch (error) {
        if (performance.now() > deadlineMs) throw error;
        this.#chatters[person]!.cut();
        await pause(RETRY_MS);
      }
    }
  }

  async #dial(person: number): Promise<Chatter> {
    const entrance = this.#entranceOf(person);
    const dialect = DIALECTS[entrance.dialect];
    return this.#chatters[person] = await Chatter.dial(entrance, {
      person,
      dialect,
      audience: this.#audience,
    });
  }

  #comeIn(chatter: Chatter): Promise<void> {
    const { person } = chatter;
    const name = `${"abcdefgh"[this.#visits % 8]}${person}`;
    const rooms = this.#invitation.rooms[person]!;
    return chatter.comesIn(DIALECTS[this.#entranceOf(person).dialect].comeIn({ name, rooms }));
  }

  #entranceOf(person: number): Entrance {
    const { entrances } = this.#invitation;
    return entrances[person % entrances.length]!;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function inTime<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not all are in after ${PATIENCE_MS / 1_000} s`)), PATIENCE_MS);
  });
  return await Promise.race([promise, overdue]).finally(() => clearTimeout(timer));
}
