import type { Bus } from "../chat/bus.ts";
import type { ChatEvent } from "../chat/event.ts";

/** The bus of a server that stands alone: what is published is received before `publish` returns. */
export class LocalBus implements Bus {
  #receivers: ((event: ChatEvent, origin: string) => void)[] = [];

  publish(event: ChatEvent, origin: string): void {
    for (const receive of this.#receivers) receive(event, origin);
  }

  subscribe(receive: (event: ChatEvent, origin: string) => void): void {
    this.#receivers.push(receive);
  }
}
