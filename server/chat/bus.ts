import type { ChatEvent } from "./event.ts";

/** How an event gets to every node, this one included, in one order. */
export interface Bus {
  /** @param origin The id of the listener it came from, which is not told of its own doing; "" for none. */
  publish(event: ChatEvent, origin: string): void;

  /** Every published event, in order, until the process ends. */
  subscribe(receive: (event: ChatEvent, origin: string) => void): void;
}
