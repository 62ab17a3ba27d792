import type { Address } from "./run_parley.ts";

/** The way between a browser and the server, which can be cut and can lose what goes over it. */
export class Cable implements AsyncDisposable {
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  #to: Address;
  #connections = new Set<
    { conns: Deno.Conn[]; lost: { up: boolean; down: boolean }; ended: Promise<unknown> }
  >();
  #broken = false;
  #accepting: Promise<void>;

  /** @param to Where it leads. */
  constructor(to: Address) {
    this.#to = to;
    this.#accepting = this.#accept();
  }

  /** Where it is entered. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Ends all connections, and those to come until it is repaired. */
  cut(): void {
    this.#broken = true;
    for (const { conns } of this.#connections) closeAll(conns);
  }

  repair(): void {
    this.#broken = false;
  }

  /** From now on nothing comes down any more, on the connections that there are: the server hears, and answers in vain. */
  losesAnswers(): void {
    for (const { lost } of this.#connections) lost.down = true;
  }

  /** From now on nothing gets through on the connections that there are, and nobody is told. */
  fallsSilent(): void {
    for (const { lost } of this.#connections) lost.up = lost.down = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#listener.close();
    await this.#accepting;
    await Promise.all(Array.from(this.#connections, ({ ended }) => ended));
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) {
      if (this.#broken) conn.close();
      else await this.#carry(conn);
    }
  }

  async #carry(below: Deno.Conn): Promise<void> {
    const above = await Deno.connect(this.#to).catch(() => undefined);
    if (above === undefined) return below.close();
    const conns = [below, above];
    const lost = { up: false, down: false };
    const up = pump(below, above, () => lost.up);
    const down = pump(above, below, () => lost.down);
    const ended = Promise.race([up, down]).then(() => closeAll(conns)).then(() => Promise.all([up, down]));
    const connection = { conns, lost, ended };
    this.#connections.add(connection);
    void ended.then(() => this.#connections.delete(connection));
  }
}

/** Until one of them is closed. */
async function pump(from: Deno.Conn, to: Deno.Conn, isLost: () => boolean): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (;;) {
      const count = await from.read(buffer);
      if (count === null) return;
      for (let sent = 0; sent < count && !isLost();) sent += await to.write(buffer.subarray(sent, count));
    }
  } catch {
    // it was closed
  }
}

function closeAll(conns: readonly Deno.Conn[]): void {
  for (const conn of conns) {
    try {
      conn.close();
    } catch {
      // it was closed
    }
  }
}
