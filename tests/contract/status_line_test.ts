import {
  deepStrictEqual as deepEqual,
  doesNotMatch,
  match,
  ok,
  strictEqual as equal,
} from "node:assert/strict";
import { Machine, parleyCommand, type RunningParley } from "../support/run_parley.ts";
import { Person } from "../support/person.ts";
import { Terminal } from "../support/terminal.ts";

const STATUS =
  /people \d+ \| connections \d+ \| messages\/s \d+\.\d \| p99 \d+ ms \| memory \d+ MiB \| up [\d:]+/;

/** To the beginning of the line, and away with what it shows. */
const WIPE = "\r\x1b[K";

const LOG_LINE = /^\d{4}-\d\d-\d\dT[\d:.]+Z (?:info |warn |error) /;

Deno.test("at a terminal one line shows how the server is doing, below the log, and is gone in the end", async () => {
  await using machine = await Machine.make();
  await using terminal = Terminal.open(serving(machine), { columns: 120 });
  const [, port] = await terminal.reads(/nc 127\.0\.0\.1 (\d+)/);
  await terminal.reads(/people 0 \| connections 0/);
  await using ann = new Person(await Deno.connect({ hostname: "127.0.0.1", port: Number(port) }));
  await ann.comesInAs("ann");
  await using bob = new Person(await Deno.connect({ hostname: "127.0.0.1", port: Number(port) }));
  await bob.comesInAs("bob");
  await terminal.reads(/people 2 \| connections 2 \|/);
  for (let count = 0; count < 10; count++) await ann.types(`line ${count}`);
  await bob.readsUntil(`${ann.name}: line 9`);
  await terminal.reads(/messages\/s [1-9]\d*\.\d \| p99 [1-9]\d* ms/);
  const shown = linesOn(terminal.screen);
  match(shown.at(-1)!, STATUS);
  equal(shown.filter((line) => STATUS.test(line)).length, 1);

  await terminal.types("\x03"); // Ctrl-C
  equal(await terminal.ends(), 0);
  const left = linesOn(terminal.screen);
  const logged = left.slice(left.findIndex((line) => LOG_LINE.test(line)), -1);
  deepEqual(logged.filter((line) => !LOG_LINE.test(line)), []);
  deepEqual(logged.map((line) => line.slice(31).split(" ")[0]), ["joined", "joined", "stopping", "stopped"]);
  equal(left.at(-1), "");
  const text = terminal.screen.replaceAll("\r\n", "").replaceAll(WIPE, "");
  doesNotMatch(text, /\p{Cc}/u, "and nothing else is done to the terminal");
});

Deno.test("the status line is no wider than the terminal", async () => {
  await using machine = await Machine.make();
  await using terminal = Terminal.open(serving(machine), { columns: 30 });
  const [shown] = await terminal.reads(/people[^\r]*(?=\r)/);
  equal(shown, "people 0 | connections 0 | me"); // the last column stays free
  await terminal.types("\x03"); // else it would stay: that its terminal goes makes it only read its options anew
  equal(await terminal.ends(), 0);
});

Deno.test("a terminal that can do nothing but show text gets no status line", async () => {
  await using machine = await Machine.make();
  await using terminal = Terminal.open(serving(machine), { env: { TERM: "dumb" } });
  await terminal.reads(/Certificate/);
  await terminal.types("\x03");
  equal(await terminal.ends(), 0);
  match(terminal.screen, / info {2}stopping\r\n.* info {2}stopped\r\n$/);
  doesNotMatch(terminal.screen.replaceAll("\r\n", ""), /people|\p{Cc}/u);
});

Deno.test("where no terminal is, the start is text for people and what follows JSON for programs", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve(["--log=default"]);
  const [start, rest] = await outputOf(server);
  match(start, /^ {6}nc 127\.0\.0\.1 \d+$/m);
  match(start, /^ {6}http:\/\/.+\/setup#code=\w+$/m);
  deepEqual(rest.map((line) => JSON.parse(line).event), ["joined", "stopping", "stopped"]);
  doesNotMatch(server.output.replaceAll("\n", ""), /people|\p{Cc}/u);
});

Deno.test("what was asked for is what the log looks like", async () => {
  await using machine = await Machine.make();
  const inText = await machine.serve(["--log=text"]);
  const [, lines] = await outputOf(inText);
  deepEqual(lines.filter((line) => !LOG_LINE.test(line)), []);
  equal(lines.length, 3);
  await using terminal = Terminal.open([...serving(machine), "--log=json"], { columns: 200 });
  await terminal.reads(/"text":"nc 127\.0\.0\.1 \d+"/);
  await terminal.reads(STATUS);
  await terminal.types("\x03");
  equal(await terminal.ends(), 0);
  for (const line of linesOn(terminal.screen).slice(0, -1)) {
    ok(typeof JSON.parse(line).event === "string", line);
  }
});

function serving(machine: Machine): string[] {
  const listeners = ["tls", "plain", "https", "http"].map((name) => `--${name}=127.0.0.1:0`);
  return [...parleyCommand(), `--data=${machine.dataDir}`, ...listeners];
}

/** What a server prints at its start, and then, a line each, while somebody comes in and it ends. */
async function outputOf(server: RunningParley): Promise<[start: string, rest: string[]]> {
  await server.guest("ann");
  await server.prints(/joined.*\n/);
  const start = server.output.split("\n\n").slice(0, -1).join("\n\n");
  server.kill("SIGTERM");
  equal(await server.ends(), 0);
  await server.prints(/ ?stopped.*\n/);
  return [start, server.output.slice(start.length).trim().split("\n")];
}

/** What stands on the screen when the terminal has done as it was told, but for the Ctrl-C that it shows itself. */
function linesOn(written: string): string[] {
  return written.replaceAll("^C", "").split("\r\n").map((line) => line.split(WIPE).at(-1)!);
}
