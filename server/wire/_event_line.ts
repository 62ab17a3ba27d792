import type { ChatEvent, Direct, Message } from "../chat/event.ts";
import { LOBBY } from "../chat/room_name.ts";
import type { View } from "./view.ts";

/** One line, without its line ending. */
export function eventLine(event: Exclude<ChatEvent, Direct>, view: View): string {
  const time = timeIn(view, event.at);
  switch (event.type) {
    case "message":
      return time + messageLine(event, view);
    case "joined":
      return `${time}${nameIn(view, event.name)} has joined ${placeOf(event.room)}.`;
    case "left":
      return `${time}${nameIn(view, event.name)} has left ${placeOf(event.room)}.`;
    case "renamed":
      return `${time}${nameIn(view, event.from)} is now called ${nameIn(view, event.to)}.`;
    case "topic":
      return event.topic === ""
        ? `${time}${nameIn(view, event.by)} has taken away the topic of #${event.room}.`
        : `${time}${nameIn(view, event.by)} has set the topic of #${event.room}: ${event.topic}`;
    case "deleted": {
      const which = view.ids ? `message ${event.number}` : "a message";
      return `${time}${nameIn(view, event.by)} has deleted ${which} of ${
        nameIn(view, event.from)
      } in #${event.room}.`;
    }
    case "noted":
      return `${time}#${event.room}: ${event.text}`;
    case "told":
      return time + event.text;
    case "announced":
      return `${time}Announcement: ${event.text}`;
  }
}

export function messageLine({ room, number, from, text, action }: Message, view: View): string {
  const id = view.ids ? `[${number}] ` : "";
  const place = view.roomFirst ? `#${room} ` : "";
  const name = nameIn(view, from);
  return action ? `${id}${place}* ${name} ${text}` : `${id}${place}${name}: ${text}`;
}

export function placeOf(room: string): string {
  return room === LOBBY ? "the chat" : `#${room}`;
}

export function timeIn(view: View, at: Date): string {
  return view.timestamps ? `${at.toISOString().slice(11, 16)} ` : "";
}

/** Foreground colours that can be read on a dark and on a light background. */
const COLORS = [31, 32, 33, 34, 35, 36];

export function nameIn(view: View, name: string): string {
  if (!view.color) return name;
  const sum = [...name].reduce((hash, character) => (hash * 31 + character.codePointAt(0)!) >>> 0, 0);
  return `\x1b[${COLORS[sum % COLORS.length]}m${name}\x1b[0m`;
}
