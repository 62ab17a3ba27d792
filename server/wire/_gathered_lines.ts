import type { ChatEvent, Direct, Passages } from "../chat/event.ts";
import { LOBBY } from "../chat/room_name.ts";
import { type Digest, digests, type Tallied } from "./_digest.ts";
import { eventLine, nameIn, placeOf, timeIn } from "./_event_line.ts";
import type { View } from "./view.ts";

const encoder = new TextEncoder();

/** Comings and goings that are told together, rendered once for those who look alike. */
export class GatheredLines {
  #all: Passages["all"] | undefined;
  /** From each of `#all` on; made when the first digest is wanted. */
  #digests: readonly Digest[] | undefined;
  /** The first that is told → number of a view → lines. */
  #rendered: (Uint8Array | undefined)[][] = [];

  render(passages: Passages, view: View): Uint8Array | undefined {
    if (passages.all !== this.#all) {
      this.#all = passages.all;
      this.#digests = undefined;
      this.#rendered = [];
    }
    const byView = this.#rendered[passages.from] ??= [];
    const bytes = byView[view.number] ??= encoder.encode(this.#lines(passages, view));
    return bytes.length === 0 ? undefined : bytes;
  }

  /** Each with its line ending. */
  #lines({ all, from, digested, room, at }: Passages, view: View): string {
    if (digested) {
      this.#digests ??= digests(all, concernsPeople);
      return digestLines(this.#digests[from]!, { room, at }, view);
    }
    const told = all.slice(from).filter(concernsPeople);
    return told.map((event) => eventLine(event, view) + "\n").join("");
  }
}

/** Who comes online or goes off does so in the lobby, where everyone is: people need not read it of every room. */
export function concernsPeople(event: Exclude<ChatEvent, Direct>): boolean {
  if (event.type !== "joined" && event.type !== "left") return true;
  return event.passage === "door" || event.room === LOBBY;
}

/** How many came and went; of one alone what is always said. Empty where nothing is different. */
function digestLines({ came, went }: Digest, { room, at }: { room: string; at: Date }, view: View): string {
  return tallyLine(came, `joined ${placeOf(room)}`, view, at) +
    tallyLine(went, `left ${placeOf(room)}`, view, at);
}

function tallyLine({ count, names }: Tallied, deed: string, view: View, at: Date): string {
  const [time, named] = [timeIn(view, at), names.map((name) => nameIn(view, name))];
  if (count === 0) return "";
  if (count === 1) return `${time}${named[0]} has ${deed}.\n`;
  return `${time}${count} people have ${deed}: ${listed(named, count - names.length)}.\n`;
}

/** Names as in a sentence, with how many others there are. */
function listed(names: readonly string[], others: number): string {
  if (others === 0) return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return `${names.join(", ")} and ${others} ${othersIn(others)}`;
}

function othersIn(count: number): string {
  return count === 1 ? "other" : "others";
}
