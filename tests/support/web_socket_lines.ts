import type { Socket } from "./person.ts";

/** A WebSocket as if it were a raw socket: each message is a line. */
export class WebSocketLines implements Socket {
  #socket: WebSocket;
  /** Lines that were not read yet, and what was read of the first. */
  #unread: Uint8Array[] = [];
  #ended = false;
  #onMore = Promise.withResolvers<void>();
  #encoder = new TextEncoder();
  #decoder = new TextDecoder();
  #unsent = "";

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#unread.push(this.#encoder.encode(data + "\n"));
      this.#tellMore();
    };
    socket.onclose = () => {
      this.#ended = true;
      this.#tellMore();
    };
  }

  static async open(url: string): Promise<WebSocketLines> {
    const socket = new WebSocket(url);
    const opened = new WebSocketLines(socket);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`Cannot open ${url}`));
    });
    socket.onerror = () => {}; // a close event follows
    return opened;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#unread.length === 0) {
      if (this.#ended) return null;
      await this.#onMore.promise;
    }
    const first = this.#unread.shift()!;
    const part = first.subarray(0, buffer.length);
    if (part.length < first.length) this.#unread.unshift(first.subarray(part.length));
    buffer.set(part);
    return part.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    const lines = (this.#unsent + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#unsent = lines.pop()!;
    if (!this.#ended) { for (const line of lines) this.#socket.send(line); }
    return Promise.resolve(bytes.length);
  }

  close(): void {
    if (!this.#ended) this.#socket.close();
  }

  #tellMore(): void {
    this.#onMore.resolve();
    this.#onMore = Promise.withResolvers();
  }
}
