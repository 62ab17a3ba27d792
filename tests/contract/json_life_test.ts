import { strict as assert } from "node:assert";
import { recordsIn } from "../../server/cli/records.ts";
import { Bots, DOORS, ID, TIME } from "../support/bot.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const UNPACED = ["--rate=off", "--command-rate=off", "--byte-rate=off"];
const ACK = { type: "ack", id: ID };
const PING = { type: "ping" };

/** Elsewhere nothing ends a WebSocket whose peer does not read. */
const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("a silent program on a raw socket is pinged, and given up when it stays silent", async () => {
  await using server = await startServer("--ping-seconds=1", "--silent-seconds=2");
  await using bots = new Bots(server);
  const person = await server.connect("tls");
  await person.comesInAs("person");
  const [tls, plain, wss, ws] = await bots.guests("tls", "plain", "wss", "ws");
  await Promise.all([tls, plain].map(async (bot) => {
    await bot.catchesUp();
    const silentSince = performance.now();
    await bot.reads(PING);
    const { last } = await bot.readsToTheEnd();
    const words = { type: "notice", text: "Nothing was heard from you for too long." };
    assert.deepEqual(last.filter(({ type }) => type === "notice"), [words]);
    const tookMs = performance.now() - silentSince;
    assert.ok(tookMs > 1_900 && tookMs < 4_000, `${tookMs} ms`);
  }));
  const timeout = { type: "left", room: "lobby", name: /^(tls|plain)\d{4}$/, at: TIME, reason: "timeout" };
  for (const bot of [wss, ws]) { // which are pinged by other means
    await bot.readsInTurn(timeout, timeout);
    await bot.hasReadAll();
  }
  await person.types("/u"); // people are not asked
  for (const line of await person.readsUntil(/^Users currently online \(3\)/)) {
    assert.match(line, /has (joined|left) the chat\.$/);
  }
});

Deno.test("whatever a program sends keeps it", async () => {
  await using server = await startServer("--ping-seconds=1", "--silent-seconds=2");
  await using bots = new Bots(server);
  const [bob] = await bots.guests("bob");
  const person = await server.connect();
  await person.comesInAs("person");
  await bob.reads();
  await person.types("/json");
  await person.reads(/^\{"type":"welcome"/);
  for (const sign of ['{"type":"pong"}', "", "{"]) {
    await Promise.all([
      bob.reads(PING).then(() => bob.sends(sign)),
      person.reads('{"type":"ping"}').then(() => person.types(sign)),
    ]);
  }
  await bob.readsUntil({ type: "error", code: "bad_json", text: /./ });
  await person.reads(/"bad_json"/);
});

Deno.test("programs that read too slowly are closed, and nobody else is affected", onLinux, async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const [ann, bob, carl] = await bots.guests("ann", "bob", "carl");
  const dora = await bots.connect("ws");
  await dora.comesIn({ type: "guest", name: "dora" });
  const emil = await bots.connect("ws", { protocols: ["parley.lines"] });
  await emil.comesIn({ type: "guest", name: "emil" });
  const others = [bob, carl, dora, emil];
  using byWebSocket = await readsNoMore(server, "http");
  using together = await readsNoMore(server, "http", ["Sec-WebSocket-Protocol: parley.lines"]);
  using byLines = await readsNoMore(server, "plain");
  const slow = [byWebSocket, together, byLines].map(({ name }) => name);
  for (const bot of [ann, ...others]) await bot.readsUntil(joined(byLines.name));
  const texts = Array.from({ length: 1_600 }, (_, index) => `${index} ${"x".repeat(4_000)}`);
  const read = others.map(async (bot) => {
    const [said, gone]: [string[], unknown[]] = [[], []];
    while (said.length < texts.length || gone.length < slow.length) {
      const { type, text, name, reason } = await bot.reads();
      if (type === "message") said.push(text!);
      else gone.push([type, name, reason]);
    }
    assert.deepEqual(said, texts);
    assert.deepEqual(gone.toSorted(), slow.map((name) => ["left", name, "too slow"]).toSorted());
  });
  for (let index = 0; index < texts.length; index += 25) {
    await ann.sends(...texts.slice(index, index + 25).map((text) => ({ type: "say", room: "lobby", text })));
    await ann.catchesUp();
  }
  await Promise.all(read);
  for (const bot of others) await bot.hasReadAll();
});

Deno.test("a stopping server tells everybody, and WebSockets by their code as well", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  const guests = await bots.guests("tls", "plain", "wss", "ws");
  const strangers = await Promise.all(["wss", "ws"].map((door) => bots.connect(door as "ws")));
  for (const bot of [...guests, ...strangers]) await bot.hasReadAll();
  const stopping = server.parley.stop();
  for (const bot of [...guests, ...strangers]) {
    const { last, ending } = await bot.readsToTheEnd();
    assert.deepEqual(last, [{ type: "notice", text: "Server is shutting down." }]); // and nobody's departure
    const isWebSocket = !guests.slice(0, 2).includes(bot);
    assert.deepEqual(ending, isWebSocket ? { code: 1001, reason: "shutdown" } : {});
  }
  await stopping;
});

Deno.test("WebSockets that do not read do not keep a server from stopping", onLinux, async () => {
  await using server = await startServer(...UNPACED, "--outbox-bytes=64MiB");
  await using bots = new Bots(server);
  const [ann] = await bots.guests("ann");
  using slow = await readsNoMore(server, "http");
  await ann.readsUntil(joined(slow.name));
  const texts = Array.from({ length: 2_000 }, () => "x".repeat(4_000));
  await ann.sends(...texts.map((text) => ({ type: "say", room: "lobby", text })));
  for (const _text of texts) await ann.reads(ACK);
  const startedAt = performance.now();
  await server.parley.stop();
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < 9_000, `${tookMs} ms`);
});

Deno.test("when a token is revoked, what came in by it is closed within a second, and nothing else", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  const lost = await Promise.all(DOORS.map((door) => bots.connect(door)));
  for (const bot of lost) await bot.comesIn({ type: "auth", token });
  const byHeader = await bots.connect("ws", { headers: { authorization: `Bearer ${token}` } });
  await byHeader.reads();
  const kept = await bots.member("ann");
  for (const bot of [...lost, byHeader]) await bot.reads({ type: "notice", text: /^New login/ });
  await using records = await recordsIn(server.dataDir); // as the CLI does
  const [record] = await records.tokens.list();
  const startedAt = performance.now();
  await records.tokens.revoke(record!.id);
  const endings = await Promise.all([...lost, byHeader].map((bot) => bot.readsToTheEnd()));
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < 1_000, `${tookMs} ms`);
  for (const { last, ending } of endings) {
    assert.deepEqual(last, [{ type: "notice", text: "This token has been revoked." }]);
    if (ending.code !== undefined) assert.deepEqual(ending, { code: 1008, reason: "kicked" });
  }
  await kept.asks({ type: "who" }, { type: "roster", room: "lobby", names: ["ann"] });
});

Deno.test("what comes too fast is refused with its ref, messages and all else by their own pace", async () => {
  await using server = await startServer("--rate=3,1", "--command-rate=4,1");
  await using bots = new Bots(server);
  for (const door of DOORS) {
    const bot = await bots.connect(door);
    await bot.comesIn({ type: "guest", name: "bot" });
    const { name } = bot;
    await bot.sends(
      { type: "say", room: "lobby", text: "hi", ref: 1 },
      { type: "direct", to: name, text: "hi", ref: 2 },
      { type: "command", text: "/me waves", ref: 3 },
      { type: "say", room: "lobby", text: "hi", ref: 4 },
      { type: "direct", to: name, text: "hi", ref: 5 },
      { type: "command", text: "/me waves", ref: 6 },
      ...[7, 8, 9].map((ref) => ({ type: "who", ref })),
      { type: 5, ref: 10 },
      { type: "who", ref: 11 },
      { type: 5, ref: 12 },
      ...Array(20).fill({ type: "pong" }),
    );
    const answers = new Map<unknown, string>();
    while (answers.size < 12) {
      const { type, ref, code, text } = await bot.reads();
      if (ref !== undefined) answers.set(ref, code === "too_fast" ? text! : type);
    }
    const messages = "You are sending too fast (limit 1 a second); that line was not sent.";
    const commands = "You are sending too fast (limit 1 commands a second); that line was not sent.";
    assert.deepEqual([...answers].toSorted(([one], [other]) => Number(one) - Number(other)), [
      ...[1, 2, 3].map((ref) => [ref, "ack"]),
      ...[4, 5, 6].map((ref) => [ref, messages]),
      ...[7, 8, 9].map((ref) => [ref, "roster"]),
      [10, "error"],
      ...[11, 12].map((ref) => [ref, commands]),
    ]);
    await bot.vanishes();
  }
});

Deno.test("who is refused for that 50 times in a minute is closed", async () => {
  await using server = await startServer("--rate=1,1");
  await using bots = new Bots(server);
  const [ann] = await bots.guests("ann");
  for (const door of DOORS) {
    const bot = await bots.connect(door);
    await bot.comesIn({ type: "guest", name: "bot" });
    await ann.reads(joined(bot.name));
    const says = Array.from({ length: 60 }, (_, ref) => ({ type: "say", room: "lobby", text: "hi", ref }));
    await bot.sends(...says);
    const { last, ending } = await bot.readsToTheEnd();
    assert.deepEqual(last.at(-1), {
      type: "notice",
      text: "That was too fast 50 times within a minute; connect again in a while.",
    });
    assert.equal(last.filter(({ code }) => code === "too_fast").length, 50);
    if (door.startsWith("ws")) assert.deepEqual(ending, { code: 1008, reason: "kicked" });
    await ann.readsUntil({ type: "left", room: "lobby", name: bot.name, at: TIME, reason: "kicked" });
  }
});

Deno.test("a program that has sent all it wants reads the answers to the last of it", async () => {
  await using server = await startServer();
  for (const over of ["plain", "tls"] as const) {
    for (const last of ['{"type":"say","room":"lobby","text":"hi","ref":1}', '{"type":"who","ref":1}']) {
      const { hostname, port } = server.parley.addresses[over]!;
      const caCerts = [server.parley.certificate.certPem];
      const conn = over === "tls"
        ? await Deno.connectTls({ hostname, port, caCerts })
        : await Deno.connect({ hostname, port });
      const person = server.welcomes(conn);
      await person.types(`{"type":"guest","name":"bot"}\n${last}`);
      await conn.closeWrite();
      const [, answer] = (await person.readsToTheEnd()).split("\n{").slice(1);
      assert.equal(JSON.parse(`{${answer}`).ref, 1);
    }
  }
});

/** A guest that comes in by a WebSocket or a raw socket, and reads nothing after the welcome. */
async function readsNoMore(
  server: TestServer,
  over: "http" | "plain",
  headers: readonly string[] = [],
): Promise<{ readonly name: string } & Disposable> {
  const { hostname, port } = server.parley.addresses[over]!;
  const conn = await Deno.connect({ hostname, port });
  const guest = '{"type":"guest","name":"slow"}';
  const upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"];
  const request = [
    "GET /ws HTTP/1.1",
    "Host: localhost",
    ...upgrade,
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
    ...headers,
  ];
  const frame = `\x81${String.fromCharCode(0x80 | guest.length)}\0\0\0\0${guest}`; // masked by zeros
  await conn.write(latin1(over === "plain" ? `${guest}\n` : request.join("\r\n") + "\r\n\r\n" + frame));
  const buffer = new Uint8Array(256);
  for (let read = "";;) {
    read += new TextDecoder().decode(buffer.subarray(0, (await conn.read(buffer))!));
    const [, name] = /"name":"(slow\d{4})".*\}/.exec(read) ?? [];
    if (name !== undefined) return { name, [Symbol.dispose]: () => conn.close() };
  }
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function joined(name: string) {
  return { type: "joined", room: "lobby", name, at: TIME };
}
