import type { Browser } from "playwright-core";
import type { Figures } from "./_figures.ts";
import { Machine, type RunningParley, UNLIMITED } from "../tests/support/run_parley.ts";

const READERS = 300;

/** How long is measured, after a second that is not. */
const SECONDS = 10;

/** How the readers talk: so many of them, so many messages a second in all. */
const LOADS = [{ speakers: 1, perSecond: 20 }, { speakers: 50, perSecond: 300 }] as const;

/** What it costs the server to tell one reader one message, where all read over WebSockets. */
export async function measureDeliveries(_browser: Browser): Promise<Figures> {
  const figures: Record<string, string> = {};
  for (const door of ["https", "http"] as const) {
    for (const load of LOADS) {
      const { speakers, perSecond } = load;
      const how = door === "https" ? "with TLS" : "without TLS";
      figures[`${READERS} WebSockets ${how}, ${perSecond} messages/s of ${speakers}`] = await measure(
        door,
        load,
      );
    }
  }
  return figures;
}

async function measure(
  door: "https" | "http",
  { speakers, perSecond }: typeof LOADS[number],
): Promise<string> {
  await using machine = await Machine.make();
  const server = await machine.serve([...UNLIMITED, "--outbox-bytes=16MiB"]);
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(`${machine.dataDir}/cert.pem`)] });
  const readers: Reader[] = [];
  for (let index = 0; index < READERS; index++) {
    readers.push(await Reader.enter({ server, door, client, index }));
  }
  await talk(readers, { speakers, perSecond, seconds: 1 });
  const [heardBefore, cpuBefore, beganMs] = [heardBy(readers), await cpuSeconds(server), performance.now()];
  await talk(readers, { speakers, perSecond, seconds: SECONDS });
  const seconds = (performance.now() - beganMs) / 1_000;
  const cpu = await cpuSeconds(server) - cpuBefore;
  const heard = heardBy(readers) - heardBefore;
  await Promise.all(readers.map((reader) => reader.leaves()));
  return `${(cpu * 1e6 / heard).toFixed(1)} µs of CPU a delivery, ${
    Math.round(heard / seconds)
  } deliveries/s, ${Math.round(cpu / seconds * 100)} % of a core`;
}

/** Lets people say things at an even pace, until everybody has heard all of it. */
async function talk(
  readers: readonly Reader[],
  { speakers, perSecond, seconds }: { speakers: number; perSecond: number; seconds: number },
): Promise<void> {
  const expected = heardBy(readers) + perSecond * seconds * (readers.length - 1);
  const beganMs = performance.now();
  for (let said = 0; said < perSecond * seconds;) {
    const due = Math.min(perSecond * seconds, (performance.now() - beganMs) / 1_000 * perSecond);
    for (; said < due; said++) readers[said % speakers]!.says("x".repeat(64));
    await pause();
  }
  while (heardBy(readers) < expected && readers.every(({ isIn }) => isIn)) await pause();
  if (heardBy(readers) !== expected) throw new Error(`${expected - heardBy(readers)} deliveries are missing`);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

function heardBy(readers: readonly Reader[]): number {
  return readers.reduce((sum, { heard }) => sum + heard, 0);
}

/** All of the server's threads, as it says itself. */
async function cpuSeconds(server: RunningParley): Promise<number> {
  const metrics = await fetch(`http://127.0.0.1:${server.address("http").port}/metrics`);
  const [, seconds] = /^process_cpu_seconds_total (\S+)$/m.exec(await metrics.text())!;
  return Number(seconds);
}

/** A guest over a WebSocket, as a page is one. */
class Reader {
  heard = 0;
  #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async enter(
    { server, door, client, index }: {
      server: RunningParley;
      door: "https" | "http";
      client: Deno.HttpClient;
      index: number;
    },
  ): Promise<Reader> {
    const url = `${door.replace("http", "ws")}://127.0.0.1:${server.address(door).port}/ws`;
    const socket = new WebSocket(url, door === "https" ? { client } : {});
    const reader = new Reader(socket);
    await new Promise((resolve, reject) => {
      socket.onopen = () => socket.send(JSON.stringify({ type: "guest", name: `reader${index}` }));
      socket.onerror = reject;
      socket.onmessage = resolve;
    });
    socket.onmessage = ({ data }) => {
      if (data.startsWith('{"type":"message"')) reader.heard++;
    };
    return reader;
  }

  get isIn(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  says(text: string): void {
    this.#socket.send(JSON.stringify({ type: "say", room: "lobby", text }));
  }

  async leaves(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
  }
}
