import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { Person } from "../support/person.ts";
import { Machine } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";
import { WebSocketLines } from "../support/web_socket_lines.ts";

const MOTD = "Tea at five.\n  Bring cups.";

Deno.test("the message of the day stands between the welcome and what was said last", async () => {
  await using server = await startServer(`--motd=${MOTD}`);
  const [ann] = await server.guests("ann");
  await ann.readsInTurn("Tea at five.", "  Bring cups.");
  await ann.types("hello");
  await server.hasAccount("bob");
  const bob = await server.member("bob");
  await bob.readsInTurn("Tea at five.", "  Bring cups.", `${ann.name}: hello`);
  await bob.asks("/ping", "Pong.");
});

Deno.test("where there is none, the welcome is that of the contract, and /motd says so", async () => {
  await using server = await startServer();
  const [ann] = await server.guests("ann");
  await ann.asks("/motd", "There is no message of the day.");
});

Deno.test("/motd shows it again, in either dialect", async () => {
  await using server = await startServer(`--motd=${MOTD}`);
  const [ann] = await server.guests("ann");
  await ann.readsInTurn("Tea at five.", "  Bring cups.");
  await ann.asks("/motd", "Tea at five.", "  Bring cups.");
  await ann.types("/json");
  equal(JSON.parse(await ann.readsLine()).type, "welcome");
  deepEqual(JSON.parse(await ann.readsLine()), { type: "notice", text: MOTD });
  await ann.types('{"type":"command","text":"/motd","ref":1}');
  deepEqual(JSON.parse(await ann.readsLine()), { type: "notice", text: MOTD, ref: 1 });
});

for (const over of ["a raw socket", "a WebSocket"]) {
  Deno.test(`a program over ${over} gets it as a notice after its welcome`, async () => {
    await using server = await startServer(`--motd=${MOTD}`);
    const { http, plain } = server.parley.addresses;
    const socket = over === "a WebSocket"
      ? await WebSocketLines.open(`ws://127.0.0.1:${http!.port}/ws`)
      : await Deno.connect({ hostname: "127.0.0.1", port: plain!.port });
    await using bot = new Person(socket);
    await bot.types('{"type":"guest","name":"bot","ref":7}');
    await bot.readsUntil(/^\{"type":"welcome",.*"ref":7\}$/);
    deepEqual(JSON.parse(await bot.readsLine()), { type: "notice", text: MOTD });
    await bot.types('{"type":"ping"}');
    equal(JSON.parse(await bot.readsLine()).type, "pong");
  });
}

Deno.test("nothing in it drives a terminal", async () => {
  await using server = await startServer("--motd=\u001b[2Jred\u202eder\u0007\r\n\u009b31mx");
  const [ann] = await server.guests("ann");
  await ann.readsInTurn("[2Jredder", "31mx");
});

Deno.test("it may stand in the file, and SIGHUP changes it", async () => {
  await using machine = await Machine.make();
  await machine.write("parley.toml", `motd = """\n${MOTD}\n"""\n`);
  const server = await machine.serve([`--config=${machine.path("parley.toml")}`]);
  const ann = await server.guest("ann");
  await ann.readsInTurn("Tea at five.", "  Bring cups.");
  await machine.write("parley.toml", 'motd = "Tea at six."\n');
  server.kill("SIGHUP");
  await server.prints(/ configuration reloaded changed=--motd\n/);
  await ann.asks("/motd", "Tea at six.");
});
