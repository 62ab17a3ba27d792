/** What a frame is (RFC 6455, 5.2). */
export const FRAME = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame as it came: its kind and its payload. */
export interface Frame {
  readonly kind: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** A WebSocket client by hand, which does nothing by itself: it neither reads nor answers until it is told to. */
export class BareWebSocket implements Disposable {
  #conn: Deno.Conn;
  #unread = new Uint8Array(0);
  #head = "";

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /**
   * Connects, and asks for an upgrade.
   *
   * @throws {Error} the server's answer, where it is another one
   * @param cert The server's, where it speaks TLS.
   * @param headers Further ones.
   */
  static async open(
    port: number,
    { cert, headers = [] }: { cert?: string; headers?: readonly string[] } = {},
  ): Promise<BareWebSocket> {
    const socket = new BareWebSocket(await connect(port, cert));
    const request = [
      "GET /ws HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Version: 13",
      ...headers,
    ];
    await socket.#write(encode(request.join("\r\n") + "\r\n\r\n"));
    let head = "";
    while (!head.endsWith("\r\n\r\n")) head += new TextDecoder().decode(await socket.#read(1));
    socket.#head = head;
    if (head.startsWith("HTTP/1.1 101 ")) return socket;
    const body = await socket.#read(Number(/^content-length: (\d+)/mi.exec(head)?.[1] ?? 0));
    socket[Symbol.dispose]();
    throw new Error(head + new TextDecoder().decode(body));
  }

  /** The subprotocol that the server has chosen. */
  get protocol(): string | undefined {
    return /^sec-websocket-protocol: (.*)\r$/mi.exec(this.#head)?.[1];
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }

  /** Sends a frame; it is masked with zeros, which change nothing. */
  async sends(
    kind: number,
    payload: string | Uint8Array<ArrayBuffer> = "",
    { final = true } = {},
  ): Promise<void> {
    const bytes = typeof payload === "string" ? encode(payload) : payload;
    const head = new DataView(new ArrayBuffer(14));
    head.setUint8(0, (final ? 0x80 : 0) | kind);
    head.setUint8(1, 0x80 | 127);
    head.setBigUint64(2, BigInt(bytes.length));
    await this.#write(new Uint8Array(head.buffer));
    await this.#write(bytes);
  }

  /** Reads the next frame; undefined at the end. */
  async reads(): Promise<Frame | undefined> {
    const head = await this.#read(2);
    if (head.length < 2) return undefined;
    const size = head[1]! & 0x7f;
    const length = size < 126 ? size : toNumber(await this.#read(size === 126 ? 2 : 8));
    return { kind: head[0]! & 0x0f, payload: await this.#read(length) };
  }

  /** Reads whatever comes until the server is gone. */
  async readsToTheEnd(): Promise<void> {
    while ((await this.#read(65_536)).length > 0);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }

  /** So many bytes, fewer only at the end. */
  async #read(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const buffer = new Uint8Array(65_536);
    while (this.#unread.length < count) {
      const more = await this.#conn.read(buffer).catch(() => null); // a reset is an end, too
      if (more === null) break;
      this.#unread = joined(this.#unread, buffer.subarray(0, more));
    }
    const bytes = this.#unread.subarray(0, count);
    this.#unread = this.#unread.slice(count);
    return bytes;
  }
}

function connect(port: number, cert: string | undefined): Promise<Deno.Conn> {
  if (cert === undefined) return Deno.connect({ hostname: "127.0.0.1", port });
  return Deno.connectTls({ hostname: "localhost", port, caCerts: [cert] });
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function toNumber(bytes: Uint8Array): number {
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
