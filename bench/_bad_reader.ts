import type { Address } from "../tests/support/run_parley.ts";

const BUFFER_BYTES = 16_384;

/** How much somebody who crawls reads, and how often. */
const CRAWL_BYTES = 1_024, CRAWL_EVERY_MS = 1_000;

/** How somebody reads. */
export type Manner = "reads on" | "stalls" | "crawls";

/** Somebody over TLS who hears what the others say, badly. */
export class BadReader {
  /** Whether the connection has ended, from whatever side. */
  isOver = false;
  manner: Manner = "reads on";
  #conn: Deno.TlsConn;

  private constructor(conn: Deno.TlsConn) {
    this.#conn = conn;
  }

  /** Comes in as a guest. */
  static async enter(
    address: Address,
    { certPem, name }: { certPem: string; name: string },
  ): Promise<BadReader> {
    const tcp = await Deno.connect(address);
    const conn = await Deno.startTls(tcp, { hostname: "localhost", caCerts: [certPem] });
    await conn.write(new TextEncoder().encode(`${name}\n`));
    const [buffer, decoder] = [new Uint8Array(BUFFER_BYTES), new TextDecoder()];
    for (let read = ""; !read.includes("Users currently online");) {
      const count = await conn.read(buffer);
      if (count === null) throw new Error(`${name} was not let in: ${read}`);
      read += decoder.decode(buffer.subarray(0, count), { stream: true });
    }
    const reader = new BadReader(conn);
    void reader.#read(buffer);
    return reader;
  }

  /** Goes; where the link is cut, nobody is told. */
  leave(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#conn.close();
  }

  async #read(buffer: Uint8Array): Promise<void> {
    while (!this.isOver) {
      if (this.manner !== "reads on") await new Promise((resolve) => setTimeout(resolve, CRAWL_EVERY_MS));
      if (this.manner === "stalls") continue;
      const most = this.manner === "crawls" ? CRAWL_BYTES : BUFFER_BYTES;
      const count = await this.#conn.read(buffer.subarray(0, most)).catch(() => null);
      if (count === null) this.leave();
    }
  }
}
