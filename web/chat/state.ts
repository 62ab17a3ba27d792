import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { DirectMessage, Role, RoomMessage, ServerMessage } from "../../server/wire/json_types.ts";
import { Attention } from "./attention.ts";
import { Connection, type Request } from "./connection.ts";
import { Conversations } from "./conversations.ts";
import { type Said, saidBy } from "./entry.ts";
import { rememberGuest } from "./memory.ts";
import { namePattern } from "./pieces.ts";
import { hashOf, LOBBY, personOf, type Place, placeOfHash, roomOf } from "./place.ts";
import { Reminder } from "./reminder.ts";
import { Rooms } from "./rooms.ts";
import { type Surroundings, Talk } from "./talk.ts";

/** As whom the page comes in: an account, by the cookie of the browser, or a guest. */
export type Identity = { readonly account: string } | { readonly guest: string };

/** Who the reader is in the chat. */
export interface Me {
  /** "" until the server has said. */
  readonly name: string;
  readonly role: Role;
}

/** So many of the messages that came last are read out to those who do not see them. */
const MOST_HEARD = 5;

/** The chat as this page has it. What the server tells changes it; components draw it. */
export class Chat implements Disposable {
  readonly me: Signal<Me> = signal({ name: "", role: "guest" });
  readonly serverName: Signal<string> = signal("Parley");
  readonly rooms = new Rooms();
  readonly conversations = new Conversations();
  readonly place: Signal<Place> = signal(LOBBY);
  /** The names, in lower case, of those whom the reader does not want to hear. */
  readonly ignored: Signal<ReadonlySet<string>> = signal(new Set());
  /** Why the reader is away ("" without a reason); undefined when here. */
  readonly away: Signal<string | undefined> = signal(undefined);
  /** What was said last where the reader is, for those who do not see it. */
  readonly heard: Signal<readonly Said[]> = signal([]);
  readonly attention = new Attention();
  readonly ownPattern: ReadonlySignal<RegExp> = computed(() => namePattern(this.me.value.name));
  #identity: Signal<Identity>;
  #talks = new Map<Place, Talk>();
  #reminder: Reminder;
  #surroundings: Surroundings;
  #connection: Connection;
  #disposals: (() => void)[] = [];

  constructor(identity: Identity) {
    this.#identity = signal(identity);
    this.#reminder = new Reminder("account" in identity ? identity.account : undefined, this.#talks);
    this.#surroundings = {
      ask: (request, options) => this.ask(request, options),
      ownName: computed(() => this.me.value.name),
      ownPattern: this.ownPattern,
      ignored: this.ignored,
      unreadChanged: () => this.#reminder.changed(),
    };
    this.#restore();
    this.#connection = new Connection({
      receive: (messages) => messages.forEach((message) => this.#receive(message)),
      lost: () => this.#talks.forEach((talk) => talk.past.cutOff()),
    }, () => this.#greeting());
    this.#listen();
  }

  /** As whom the reader has come in; a guest may become a member meanwhile. */
  get identity(): Identity {
    return this.#identity.value;
  }

  /** Is without an account. */
  get guest(): boolean {
    return "guest" in this.#identity.value;
  }

  get status() {
    return this.#connection.status;
  }

  /** What is said where the reader is. */
  get here(): Talk {
    return this.talk(this.place.value);
  }

  /** All places that the page lists: rooms, and then conversations. */
  get places(): readonly Place[] {
    const people = this.conversations.all.value.map((conversation): Place => `@${conversation.with}`);
    return [...this.rooms.joined.value.map((room): Place => `#${room}`), ...people];
  }

  /** What is said in a place. */
  talk(place: Place): Talk {
    let talk = this.#talks.get(place);
    if (talk === undefined) this.#talks.set(place, talk = new Talk(place, this.#surroundings));
    return talk;
  }

  /** @throws {Refused | Interrupted} */
  ask(request: Request, options?: { patient?: boolean }): Promise<ServerMessage> {
    return this.#connection.ask(request, options);
  }

  /** Goes somewhere, by the address: the way back leads here. */
  go(place: Place): void {
    location.hash = hashOf(place);
    this.#look();
  }

  /** Enters a room, and goes there. @throws {Refused | Interrupted} */
  async join(name: string): Promise<void> {
    const answer = await this.ask({ type: "join", room: name });
    if (answer.type !== "roster") return;
    this.rooms.add(answer.room);
    this.rooms.learn(answer);
    const isThere = this.place.value === `#${answer.room}`;
    this.go(`#${answer.room}`);
    if (isThere) await this.#enter();
  }

  /** Leaves a room for good. @throws {Refused | Interrupted} */
  async part(name: string): Promise<void> {
    await this.ask({ type: "leave", room: name });
    this.#removeRoom(name);
  }

  /** Makes an account of the guest that the reader is; the connection, the rooms and all that is seen stay. @throws {Refused | Interrupted} */
  async signUp(
    wanted: { username: string; name: string; password: string; invitation: string },
  ): Promise<void> {
    const { invitation, ...account } = wanted;
    const answer = await this.ask({ type: "signup", ...account, ...invitation === "" ? {} : { invitation } });
    if (answer.type !== "welcome") return;
    const { name, role, rooms } = answer;
    batch(() => {
      this.#rename({ from: this.me.value.name, to: name });
      this.me.value = { name, role };
      this.rooms.replaceJoined(rooms);
    });
  }

  /** The browser knows the account that a guest has made: from now on it is the account that comes back. */
  belongTo(account: string): void {
    this.#identity.value = { account };
    this.#reminder.belongTo(account);
  }

  /** Asks anew how a room is, and who is there. */
  async learnRoom(name: string): Promise<void> {
    if (!this.rooms.isJoined(name)) return;
    const answer = await this.#inquire({ type: "join", room: name });
    if (answer?.type === "roster") this.rooms.learn(answer);
  }

  /** The end of what is said in a place is in sight, or not. */
  follow(talk: Talk, following: boolean): void {
    talk.following = following;
    if (this.#attends(talk)) talk.read();
  }

  /** Leaves the chat as a page does that is closed. */
  [Symbol.dispose](): void {
    for (const dispose of this.#disposals) dispose();
    this.attention[Symbol.dispose]();
    this.#connection.close();
    this.#reminder[Symbol.dispose]();
    document.title = this.serverName.value;
  }

  /** An account comes in by the browser's cookie. */
  #greeting(): Request | undefined {
    const identity = this.#identity.value;
    if ("account" in identity) return undefined;
    return { type: "guest", name: this.me.value.name || identity.guest };
  }

  #restore(): void {
    for (const [place, unread] of Object.entries(this.#reminder.kept.unread)) {
      this.talk(place as Place).restore(unread);
      const person = personOf(place as Place);
      if (person !== undefined) this.conversations.touch(person, unread.after ?? "0");
    }
  }

  #listen(): void {
    const look = () => this.#look();
    addEventListener("hashchange", look);
    look();
    this.#disposals = [
      () => removeEventListener("hashchange", look),
      effect(() => this.attention.looking.value && this.#attends(this.here) ? this.here.read() : undefined),
      effect(() => this.#reminder.showTitle(this.place.value, this.serverName.value)),
    ];
  }

  /** Looks where the address leads. */
  #look(): void {
    const [before, place] = [this.place.value, placeOfHash(location.hash) ?? LOBBY];
    const person = personOf(place);
    if (person !== undefined) this.conversations.touch(person, this.talk(place).lastId ?? "");
    if (place === before) return;
    this.talk(before).leave();
    batch(() => {
      this.place.value = place;
      this.heard.value = [];
    });
    if (this.status.value.is === "in") void this.#enter();
  }

  async #enter(): Promise<void> {
    const room = roomOf(this.place.value);
    await Promise.all([this.here.enter(), room === undefined ? undefined : this.learnRoom(room)]);
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        return this.#arrive(message);
      case "message":
        return this.#hear(message);
      case "direct":
        return this.#hearDirect(message);
      case "joined":
        this.rooms.comes(message.room, message.name);
        return message.name === this.me.value.name ? this.rooms.add(message.room) : undefined;
      case "left":
        this.rooms.goes(message.room, message.name);
        return message.name === this.me.value.name ? this.#removeRoom(message.room) : undefined;
      case "renamed":
        return this.#rename(message);
      case "topic":
        this.rooms.get(message.room).topic.value = message.topic;
        return this.talk(`#${message.room}`).note(topicNote(message));
      case "deleted":
        this.heard.value = this.heard.value.filter(({ id }) => id !== message.id);
        return this.talk(`#${message.room}`).forget(message.id);
      case "missed":
        return this.#missed(message);
      case "notice":
        return this.#notice(message);
      case "error":
        return this.here.note(message.text, { loud: true });
      default:
        return; // answers that nobody waits for any more, and what is new
    }
  }

  #arrive({ server, name, role, rooms }: Extract<ServerMessage, { type: "welcome" }>): void {
    const lost = this.rooms.joined.value.filter((room) => !rooms.includes(room));
    batch(() => {
      this.serverName.value = server;
      this.me.value = { name, role };
      this.rooms.replaceJoined(rooms);
    });
    if (this.guest) rememberGuest(name);
    void this.#settle(this.guest ? lost : []);
  }

  /** Reads what there is to be read after coming in: first what the reader looks at. */
  async #settle(lost: readonly string[]): Promise<void> {
    const { here } = this;
    for (const room of lost) await this.#joinAgain(room);
    await Promise.all([here.resume(), this.#enter(), this.learnRoom("lobby"), this.#learnIgnored()]);
    if (this.#attends(here)) here.read();
    await this.#learnConversations();
    for (const talk of [...this.#talks.values()]) if (talk !== here) await talk.resume();
  }

  /** A guest who comes back is in no room but the lobby. */
  async #joinAgain(room: string): Promise<void> {
    const answer = await this.#inquire({ type: "join", room });
    if (answer?.type === "roster") this.rooms.add(answer.room);
  }

  async #learnIgnored(): Promise<void> {
    const answer = await this.#inquire({ type: "ignored" });
    if (answer?.type === "ignored") {
      this.ignored.value = new Set(answer.names.map((name) => name.toLowerCase()));
    }
  }

  /** What was written while this browser was not told is unread. */
  async #learnConversations(): Promise<void> {
    const answer = await this.#inquire({ type: "conversations" });
    if (answer?.type !== "conversations") return;
    this.conversations.learn(answer.conversations);
    const { lastDirect } = this.#reminder.kept;
    for (const { with: name, last } of answer.conversations) {
      const talk = this.talk(`@${name}`);
      if (lastDirect !== "" && last.id > lastDirect && talk.lastId === undefined) {
        await talk.countSince(lastDirect);
      }
      this.#reminder.sawDirect(last.id);
    }
  }

  /** What the page asks on its own; undefined where it is not answered. */
  #inquire(request: Request): Promise<ServerMessage | undefined> {
    return this.ask(request, { patient: true }).catch(() => undefined);
  }

  #hear(message: RoomMessage): void {
    const talk = this.talk(`#${message.room}`);
    this.#tell(talk, message, {
      calls: talk.calls(message.text),
      title: `${message.from} in #${message.room}`,
    });
  }

  #hearDirect(message: DirectMessage): void {
    const other = message.from === this.me.value.name ? message.to : message.from;
    this.conversations.touch(other, message.id);
    this.#reminder.sawDirect(message.id);
    this.#tell(this.talk(`@${other}`), message, { calls: true, title: message.from });
  }

  #tell(
    talk: Talk,
    message: RoomMessage | DirectMessage,
    { calls, title }: { calls: boolean; title: string },
  ): void {
    const own = message.from === this.me.value.name;
    const said = saidBy(message);
    talk.tell(said, { attended: own || this.#attends(talk) });
    if (own) return;
    if (talk === this.here) this.heard.value = [...this.heard.value, said].slice(-MOST_HEARD);
    const { place } = talk;
    if (calls) this.attention.call(title, { body: message.text, place, onClick: () => this.go(place) });
  }

  /** Whether the reader sees what is said last in a place. */
  #attends(talk: Talk): boolean {
    return talk.following && talk.place === this.place.peek() && this.attention.looking.peek();
  }

  #rename({ from, to }: { from: string; to: string }): void {
    if (from === this.me.value.name) this.me.value = { ...this.me.value, name: to };
    this.rooms.rename(from, to);
    const before = this.#talks.get(`@${from}`);
    if (before === undefined) return;
    this.#talks.delete(`@${from}`);
    this.conversations.remove(from);
    this.conversations.touch(to, before.lastId ?? "");
    if (this.place.value === before.place) this.go(`@${to}`);
  }

  #missed({ room, count, at_least: atLeast, after }: Extract<ServerMessage, { type: "missed" }>): void {
    const talk = this.talk(`#${room}`);
    if (talk.lastId === undefined) talk.missed({ count, atLeast, after }); // else it is read up from there
  }

  #notice({ text, room }: { text: string; room?: string }): void {
    if (room === undefined) return this.here.note(text, { loud: true });
    this.talk(`#${room}`).note(text);
    void this.learnRoom(room); // it may be quiet now, or the reader of its staff
  }

  #removeRoom(name: string): void {
    if (!this.rooms.remove(name)) return;
    if (this.place.value === `#${name}`) this.go(LOBBY);
    this.#talks.delete(`#${name}`);
    this.#reminder.changed();
  }
}

function topicNote({ topic, by }: { topic: string; by: string }): string {
  return topic === "" ? `${by} has taken away the topic.` : `${by} has set the topic: ${topic}`;
}
