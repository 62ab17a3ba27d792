import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { mock } from "node:test";
import { type Screen, StatusLine, statusText } from "../../../server/cli/status_line.ts";
import { Log } from "../../../server/telemetry/log.ts";

const WIPE = "\r\x1b[K";

const SAMPLE = {
  at: "2026-01-02T03:04:05Z",
  people: 12,
  connections: 34,
  messages_per_second: 5.67,
  deliveries_per_second: 89,
  p99_ms: 12.3,
  cpu: 0.5,
  memory_bytes: 90 * 1_048_576,
  loop_lag_ms: 1,
  database_bytes: 4_096,
};

const times: [upMs: number, shown: string][] = [
  [0, "0:00:00"],
  [59_999, "0:00:59"],
  [3_600_000, "1:00:00"],
  [86_399_000, "23:59:59"],
  [93_784_000, "1 d 2:03:04"],
  [8_640_000_000, "100 d 0:00:00"],
];
for (const [upMs, shown] of times) {
  Deno.test(`after ${upMs} ms the status says that the server is up ${shown}`, () => {
    equal(
      statusText(SAMPLE, upMs),
      `people 12 | connections 34 | messages/s 5.7 | p99 12 ms | memory 90 MiB | up ${shown}`,
    );
  });
}

Deno.test("the log and the status are not mixed up, however little the terminal takes at a time", async () => {
  for (const most of [1, 2, 7, 1_000]) {
    const terminal = new Terminal(80, most);
    const status = new StatusLine(terminal);
    const log = new Log("text", (bytes) => status.write(bytes));
    log.banner(["Parley is listening.", ""], "text");
    status.show(() => "all is well");
    log.banner(["one"], "text");
    await log.flush();
    log.banner(["two"], "text");
    log.banner(["three"], "text");
    await log.flush();
    deepEqual(
      terminal.shows(),
      ["Parley is listening.", "", "one", "two", "three", "all is well"],
      `${most}`,
    );
    status.end();
    log.banner(["four"], "text");
    await log.flush();
    deepEqual(terminal.shows(), ["Parley is listening.", "", "one", "two", "three", "four", ""]);
  }
});

const widths: [columns: number, shown: string][] = [
  [10, "123456789"],
  [1, ""],
  [20, "1234567890"],
  [0, "1234567890"], // not known
];
for (const [columns, shown] of widths) {
  Deno.test(`in ${columns} columns the status is shown as "${shown}"`, async () => {
    const terminal = new Terminal(columns);
    const status = new StatusLine(terminal);
    status.show(() => "1234567890");
    await status.write(new TextEncoder().encode("log\n"));
    deepEqual(terminal.shows(), ["log", shown]);
    status.end();
  });
}

Deno.test("a terminal that takes nothing is not given anything more until it does", async () => {
  const terminal = new Terminal(80);
  const stuck = Promise.withResolvers<void>();
  terminal.taking = stuck.promise;
  const status = new StatusLine(terminal);
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    let drawn = 0;
    status.show(() => `drawn ${++drawn} times`);
    for (let second = 0; second < 10; second++) {
      await Promise.resolve();
      mock.timers.tick(1_000);
    }
    deepEqual([terminal.writes, drawn], [1, 1]);
    stuck.resolve();
    await status.write(new TextEncoder().encode("log\n"));
    mock.timers.tick(1_000);
    await status.write(new TextEncoder().encode("log\n"));
    deepEqual(terminal.shows(), ["log", "log", "drawn 4 times"]);
    status.end();
  } finally {
    mock.timers.reset();
  }
});

Deno.test("the server goes on when its terminal has gone", async () => {
  const status = new StatusLine({
    write: () => Promise.reject(new Deno.errors.BrokenPipe()),
    columns: () => 80,
  });
  const log = new Log("text", (bytes) => status.write(bytes));
  status.show(() => "all is well");
  log.info("somebody came in");
  await log.flush();
  status.end();
});

/** A terminal that does as it is told. */
class Terminal implements Screen {
  writes = 0;
  taking: Promise<void> = Promise.resolve();
  #columns: number;
  #most: number;
  #written = "";

  /** @param most How many bytes it takes at a time. */
  constructor(columns: number, most = Infinity) {
    this.#columns = columns;
    this.#most = most;
  }

  columns(): number {
    return this.#columns;
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    await this.taking;
    const taken = bytes.subarray(0, this.#most);
    this.#written += new TextDecoder().decode(taken);
    return taken.length;
  }

  /** Its lines. */
  shows(): string[] {
    return this.#written.split("\n").map((line) => line.split(WIPE).at(-1)!);
  }
}
