/** A program in the lobby that knows when it said what. */
export class Speaker {
  readonly waitedMs: number[] = [];
  heard = 0;
  #conn: Deno.TlsConn;
  #saidAtMs = new Map<number, number>();
  #said = 0;

  private constructor(conn: Deno.TlsConn) {
    this.#conn = conn;
  }

  static async join({ port, certPem }: { port: number; certPem: string }, index: number): Promise<Speaker> {
    const speaker = new Speaker(await Deno.connectTls({ hostname: "localhost", port, caCerts: [certPem] }));
    void speaker.#read();
    await speaker.#send({ type: "guest", name: `speaker${index}` });
    return speaker;
  }

  say(counted: boolean): Promise<void> {
    const ref = this.#said++;
    if (counted) this.#saidAtMs.set(ref, performance.now());
    return this.#send({ type: "say", room: "lobby", text: "x".repeat(64), ref });
  }

  get unanswered(): number {
    return this.#saidAtMs.size;
  }

  leave(): void {
    this.#conn.close();
  }

  async #send(message: object): Promise<void> {
    await this.#conn.write(new TextEncoder().encode(JSON.stringify(message) + "\n"));
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    const decoder = new TextDecoder();
    let unread = "";
    for (;;) {
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) return;
      const lines = (unread + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
      unread = lines.pop()!;
      for (const line of lines) this.#take(line);
    }
  }

  #take(line: string): void {
    if (line.startsWith('{"type":"message"')) this.heard++;
    if (!line.startsWith('{"type":"ack"')) return;
    const { ref } = JSON.parse(line);
    const saidAtMs = this.#saidAtMs.get(ref);
    this.#saidAtMs.delete(ref);
    if (saidAtMs !== undefined) this.waitedMs.push(performance.now() - saidAtMs);
  }
}
