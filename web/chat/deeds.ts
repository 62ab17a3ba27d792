import type { DirectMessage, RoomInfo, RoomMessage, ServerMessage } from "../../server/wire/json_types.ts";
import { sentenceOf } from "../shared/sentence.ts";
import { type Said, saidBy } from "./entry.ts";
import { withLocalTimes } from "./moments.ts";
import { personOf, type Place, roomOf } from "./place.ts";
import type { Session } from "./session.ts";
import type { Chat } from "./state.ts";
import { readTyped, type Typed } from "./typed_line.ts";
import type { View } from "./view.ts";

/** So many are found at a time. */
const MOST_FOUND = 50;

/** A message that was found, and where. */
export interface Finding {
  readonly place: Place;
  readonly said: Said;
}

/** What the reader does in the chat, by typing or by pressing something. What fails throws a sentence for people. */
export class Deeds {
  #chat: Chat;
  #session: Session;
  #view: View;

  constructor(parts: { chat: Chat; session: Session; view: View }) {
    this.#chat = parts.chat;
    this.#session = parts.session;
    this.#view = parts.view;
  }

  /** Does what was typed where the reader is; what comes of it stands there. */
  async type(line: string): Promise<void> {
    const { here } = this.#chat;
    try {
      const answer = await this.#do(readTyped(line));
      if (!answer) return;
      here.note(answer);
    } catch (error) {
      here.note(sentenceOf(error), { loud: true });
    }
    this.#view.showEnd();
  }

  /** Does what a command does where the reader is; answers what the server says to it. */
  async command(text: string): Promise<string> {
    const room = roomOf(this.#chat.place.value);
    const answer = await this.#chat.ask({ type: "command", text, ...room === undefined ? {} : { room } });
    return withLocalTimes(this.#take(answer), Date.now());
  }

  /** Goes to what is written with somebody. */
  writeTo(name: string): void {
    this.#chat.go(this.#conversationWith(name));
  }

  async ignore(name: string): Promise<string> {
    const answer = await this.command(`/ignore ${name}`);
    this.#chat.ignored.value = new Set([...this.#chat.ignored.value, name.toLowerCase()]);
    return answer;
  }

  async unignore(name: string): Promise<string> {
    const answer = await this.command(`/unignore ${name}`);
    this.#chat.ignored.value = new Set(
      [...this.#chat.ignored.value].filter((other) => other !== name.toLowerCase()),
    );
    return answer;
  }

  /** The reader goes away, or comes back; answers what the server says to it. */
  async beAway(word: string): Promise<string> {
    const answer = await this.command(`/away ${word}`.trim());
    this.#chat.away.value = answer === "You are back." ? undefined : word;
    return answer;
  }

  /** Deletes a message of the room that the reader looks at. */
  async remove(id: string): Promise<void> {
    const { here } = this.#chat;
    await this.#chat.ask({ type: "delete", room: roomOf(here.place)!, id });
    here.forget(id);
  }

  /** The rooms that the reader may enter. */
  async listRooms(): Promise<readonly RoomInfo[]> {
    const answer = await this.#chat.ask({ type: "rooms" });
    return answer.type === "rooms" ? answer.rooms : [];
  }

  /** Finds what was said with all these words, newest first. */
  async search(words: string): Promise<readonly Finding[]> {
    const answer = await this.#chat.ask({ type: "search", words, limit: MOST_FOUND });
    if (answer.type !== "found") return [];
    return answer.messages.map((message) => ({ place: this.#placeOf(message), said: saidBy(message) }))
      .reverse();
  }

  /** Shows a message where it was said. */
  show(place: Place, id: string): void {
    this.#view.close();
    this.#chat.go(place);
    this.#view.sought.value = id;
    void this.#chat.here.past.goTo(id);
  }

  /** The next place where something is that was not read; undefined where all is. */
  nextUnread(): Place | undefined {
    const { places } = this.#chat;
    const others = places.filter((place) => place !== this.#chat.place.value);
    const unread = others.map((place) => this.#chat.talk(place)).filter((talk) =>
      talk.unread.value.count > 0
    );
    const calling = unread.find(({ place, unread }) =>
      personOf(place) !== undefined || unread.value.mentions > 0
    );
    return (calling ?? unread[0])?.place;
  }

  async #do(typed: Typed): Promise<string | void> {
    const { here } = this.#chat;
    switch (typed.do) {
      case "nothing":
        return;
      case "say":
        return this.#say(typed.text, typed.action);
      case "write":
        return this.#write(this.#conversationWith(typed.to), typed.text);
      case "reply":
        return this.#reply(typed.text);
      case "join":
        return await this.#chat.join(typed.room);
      case "part":
        return await this.#chat.part(typed.room ?? roomOf(here.place) ?? "");
      case "ignore":
        return await this.ignore(typed.name);
      case "unignore":
        return await this.unignore(typed.name);
      case "away":
        return await this.beAway(typed.word);
      case "search":
        return this.#view.open({ is: "search", words: typed.words });
      case "show":
        return this.#view.open({ is: typed.what });
      case "catch up":
        return this.#catchUp();
      case "leave":
        return await this.#session.logOut();
      case "command":
        return await this.command(typed.text);
    }
  }

  #say(text: string, action: boolean): void {
    const { here } = this.#chat;
    const isPrivate = personOf(here.place) !== undefined;
    this.#chat.away.value = undefined;
    here.send(isPrivate && action ? `* ${text}` : text, { action: action && !isPrivate });
    if (this.#chat.status.value.is === "in") void here.past.toEnd();
    this.#view.showEnd();
  }

  /** Writes to somebody, and stays here. */
  #write(place: Place, text: string): string | undefined {
    const talk = this.#chat.talk(place);
    this.#chat.conversations.touch(personOf(place)!, talk.lastId ?? "");
    talk.send(text);
    return place === this.#chat.place.value ? undefined : `To ${personOf(place)}: ${text}`;
  }

  #reply(text: string): string | undefined {
    const newest = this.#chat.conversations.all.value[0];
    if (newest === undefined) return "Nobody has written to you yet.";
    return this.#write(`@${newest.with}`, text);
  }

  #catchUp(): string | undefined {
    const next = this.nextUnread();
    if (next === undefined) return "You have read everything.";
    this.#chat.go(next);
  }

  #placeOf(message: RoomMessage | DirectMessage): Place {
    if (message.type === "message") return `#${message.room}`;
    return `@${message.from === this.#chat.me.value.name ? message.to : message.from}`;
  }

  /** Names are typed in any case: the one that is known is meant. */
  #conversationWith(name: string): Place {
    const wanted = name.toLowerCase();
    const names = [
      ...this.#chat.conversations.all.value.map((conversation) => conversation.with),
      ...this.#chat.rooms.lobby.roster.names,
    ];
    return `@${names.find((known) => known.toLowerCase() === wanted) ?? name}`;
  }

  /** What the server has answered, in words; what the page can show better it shows. */
  #take(answer: ServerMessage): string {
    switch (answer.type) {
      case "notice":
        return answer.text;
      case "ack":
        return answer.note ?? "";
      case "pong":
        return "The server is there.";
      case "roster":
        return `In #${answer.room} (${answer.names.length}): ${answer.names.join(", ")}`;
      case "ignored":
        return answer.names.length === 0 ? "You ignore nobody." : `You ignore: ${answer.names.join(", ")}`;
      case "conversations":
        return `You have written with: ${
          answer.conversations.map((one) => one.with).join(", ") || "nobody yet"
        }`;
      case "history":
        return answer.messages.map(({ from, text }) => `${from}: ${text}`).join("\n") ||
          "Nothing was said there.";
      default:
        return "";
    }
  }
}
