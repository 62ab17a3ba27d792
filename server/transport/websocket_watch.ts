import type { ConnectionEnds, NativeSockets } from "./native_sockets.ts";
import { addressText } from "./ports.ts";
import { MOST_MESSAGE_BYTES } from "./websocket_connection.ts";

const LOOK_EVERY_MS = 1_000;

/** A WebSocket, as far as it is watched. */
export interface Watched {
  readonly ends: ConnectionEnds;
  /** How many messages have come. */
  readonly messages: number;
  /** Closes it at once. */
  cut(): void;
}

/**
 * Ends WebSockets whose peer sends on and on what never becomes a message. Deno keeps all of it until it does, and has no
 * limit on a message that comes in fragments; so what has come is counted from outside, where the system does that.
 */
export class WebSocketWatch implements Disposable {
  #sockets: Pick<NativeSockets, "connectionsOf" | "receivedBytes"> | undefined;
  /** Each with how many bytes had come when its latest message was first noticed. */
  #watched = new Map<Watched, { messages: number; receivedBytes: number }>();
  #timer: ReturnType<typeof setInterval>;

  constructor(sockets: Pick<NativeSockets, "connectionsOf" | "receivedBytes"> | undefined) {
    this.#sockets = sockets;
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  add(webSocket: Watched): void {
    this.#watched.set(webSocket, { messages: 0, receivedBytes: 0 });
  }

  remove(webSocket: Watched): void {
    this.#watched.delete(webSocket);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Looks once at all of them. */
  look(): void {
    const byListener = Map.groupBy(this.#watched.keys(), ({ ends }) => addressText(ends.local));
    for (const webSockets of byListener.values()) {
      const received = this.#receivedBy(webSockets[0]!.ends.local);
      for (const webSocket of webSockets) {
        this.#lookAt(webSocket, received.get(addressText(webSocket.ends.remote)) ?? 0);
      }
    }
  }

  /** Remote address → bytes that have come from there. */
  #receivedBy(listener: Deno.NetAddr): Map<string, number> {
    const connections = this.#sockets?.connectionsOf(listener) ?? [];
    return new Map(
      connections.map(({ fd, remote }) => [addressText(remote), this.#sockets?.receivedBytes(fd) ?? 0]),
    );
  }

  #lookAt(webSocket: Watched, receivedBytes: number): void {
    const { messages } = webSocket;
    const seen = this.#watched.get(webSocket)!;
    if (messages !== seen.messages) this.#watched.set(webSocket, { messages, receivedBytes });
    else if (receivedBytes - seen.receivedBytes > MOST_MESSAGE_BYTES) webSocket.cut();
  }
}
