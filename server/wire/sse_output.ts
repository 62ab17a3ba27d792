import type { ChatEvent, Joined, Left, Message, Telling } from "../chat/event.ts";
import { GatheredBytes } from "./_gathered_bytes.ts";
import { eventMessage } from "./json_output.ts";
import type { ServerMessage } from "./json_types.ts";

const encoder = new TextEncoder();

/** Renders what has happened into server-sent events, once for all readers: when they are told in turn, the first pays. */
export class SseOutput {
  #event: ChatEvent | undefined;
  /** What `#event` looks like. */
  #rendered = new Uint8Array();
  #passages = new GatheredBytes<Joined | Left>(eventBlock);
  #messages = new GatheredBytes<Message>(eventBlock);

  /** The lines of an event, as the HTML standard has them (9.2.6); what can be caught up with has its id. */
  render(event: Telling): Uint8Array {
    if (event.type === "passages") return this.#passages.of(event);
    if (event.type === "messages") return this.#messages.of(event);
    if (event !== this.#event) {
      this.#event = event;
      this.#rendered = encoder.encode(eventBlock(event));
    }
    return this.#rendered;
  }
}

/** What can be caught up with by its id: what was said. */
export function idOf(event: Telling): string | undefined {
  return event.type === "message" || event.type === "direct" ? event.id : undefined;
}

/** Something for people to read. */
export function noticeSse(text: string): Uint8Array {
  return encoder.encode(block({ type: "notice", text }));
}

/** What a stream begins with: where a reader that comes back goes on that has been told nothing by then. */
export function beginningSse(lastId: string): Uint8Array {
  return encoder.encode(`: what happens, as it happens\n${idLine(lastId || undefined)}\n`);
}

/** A comment, which shows that the stream is still there. */
export function pingSse(): Uint8Array {
  return encoder.encode(": ping\n\n");
}

function idLine(id: string | undefined): string {
  return id === undefined ? "" : `id: ${id}\n`;
}

function eventBlock(event: ChatEvent): string {
  return idLine(idOf(event)) + block(eventMessage(event));
}

/** JSON holds no line ending, so that one line of data will do. */
function block(message: ServerMessage): string {
  return `event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`;
}
