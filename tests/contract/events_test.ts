import { strict as assert } from "node:assert";
import { openRecords } from "../../server/records.ts";
import { DataDirectory } from "../../server/store/data_directory.ts";
import { Log } from "../../server/telemetry/log.ts";
import { call } from "../support/api.ts";
import { EventReader, type ServerSentEvent } from "../support/event_reader.ts";
import { type Person } from "../support/person.ts";
import { run } from "../support/program.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

Deno.test("a stream tells what happens in one's rooms and privately, by the objects of JSON mode", async () => {
  await using server = await startServer();
  const [ann, bot] = await accounts(server, "ann", "bot");
  await using events = await EventReader.open(server, { token: bot });
  const { headers } = events.response;
  assert.equal(headers.get("content-type"), "text/event-stream");
  assert.equal(headers.get("cache-control"), "no-store");
  const person = await server.member("ann");
  await events.reads("joined", { type: "joined", room: "lobby", name: "ann" });
  const { json: said } = await call(server, "/rooms/lobby/messages", {
    token: ann,
    json: { text: "hé\u0007llo\n😀", action: true },
  });
  const message = {
    type: "message",
    id: said.id,
    room: "lobby",
    from: "ann",
    text: "héllo 😀",
    action: true,
  };
  const told = await events.next();
  assert.deepEqual(told, { type: "message", lastId: said.id, data: { ...message, at: said.at } });
  const { json: direct } = await call(server, "/direct/bot", { token: ann, text: "psst" });
  const psst = await events.reads("direct", { id: direct.id, from: "ann", to: "bot", text: "psst" });
  assert.equal(psst.lastId, direct.id);
  const { json: answer } = await call(server, "/direct/ann", { token: bot, text: "yes?" });
  await events.reads("direct", { id: answer.id, from: "bot", to: "ann", text: "yes?" });
  await person.types("/topic Tea"); // whoever is no staff of the lobby may not
  await person.types("/name anna");
  const renamed = await events.reads("renamed", { from: "ann", to: "anna" });
  assert.equal(renamed.lastId, answer.id, "only what was said can be gone on from");
  await person.leaves();
  await events.reads("left", { room: "lobby", name: "anna", reason: "quit" });
});

Deno.test("a stream is about the rooms that are named, or else those that one has joined", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bot] = await accounts(server, "ann", "bot");
  const [person, guest] = [await server.member("ann"), await server.member("bot")];
  await makeRooms(person, "garden", "kitchen", "cellar");
  await guest.types("/join #garden");
  await guest.readsUntil(/#garden/);
  await guest.leaves();
  await using joined = await EventReader.open(server, { token: bot });
  await using named = await EventReader.open(server, { token: bot, query: "?room=kitchen&room=%23LOBBY" });
  const readOnly = await narrow(server, bot, "read:#cellar read:#lobby");
  await using narrowed = await EventReader.open(server, { token: readOnly });
  for (const room of ["garden", "kitchen", "cellar", "lobby"]) await say(server, ann, `in ${room}`, room);
  await call(server, "/direct/bot", { token: ann, text: "psst" });
  await say(server, ann, "done");
  const texts = async (events: EventReader) =>
    (await events.readsUntil("message", { text: "done" })).map(({ data }) => data.text);
  assert.deepEqual(await texts(joined), ["in garden", "in lobby", "psst", "done"]);
  assert.deepEqual(await texts(named), ["in kitchen", "in lobby", "psst", "done"]);
  assert.deepEqual(await texts(narrowed), ["in cellar", "in lobby", "done"]);
});

Deno.test("what a stream is asked for in a wrong way is refused", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bot] = await accounts(server, "bot");
  const cases: [query: string, lastId: string | undefined, status: number, message: RegExp][] = [
    ["?room=nowhere", undefined, 404, /^There is no room #nowhere\.$/],
    ["?room=a%20b", undefined, 400, /^Rooms are #/],
    [`?${"room=lobby&".repeat(101)}`, undefined, 400, /^Field "room" must be given 100 times at most\.$/],
    ["?last_event_id=7", undefined, 400, /^Field "last_event_id" must be the id of a message\.$/],
    ["", "seven", 400, /^Field "last_event_id" must be the id of a message\.$/],
  ];
  for (const [query, lastId, status, message] of cases) {
    const headers: Record<string, string> = lastId === undefined ? {} : { "last-event-id": lastId };
    const answer = await call(server, `/events${query}`, { token: bot, headers });
    assert.equal(answer.status, status, query);
    assert.match(answer.json.message, message);
  }
  assert.equal((await call(server, "/events")).status, 401);
});

Deno.test("whoever comes back is first told what was missed, in its order, and then what happens", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bot] = await accounts(server, "ann", "bot");
  await makeRooms(await server.member("ann"), "garden");
  const query = "?room=lobby&room=garden";
  let lastId: string;
  {
    await using events = await EventReader.open(server, { token: bot, query });
    await say(server, ann, "before");
    ({ lastId } = await events.reads("message", { text: "before" }));
  }
  const missed = [];
  for (let index = 0; index < 32; index++) {
    if (index % 3 === 0) await say(server, ann, `${index}`, "garden");
    else if (index % 3 === 1) await call(server, "/direct/bot", { token: ann, text: `${index}` });
    else await say(server, ann, `${index}`);
    missed.push(`${index}`);
  }
  for (const how of ["header", "query", "both"]) {
    const stale = "&last_event_id=00000000000000000000000000";
    await using events = await EventReader.open(server, {
      token: bot,
      query: query + (how === "query" ? `&last_event_id=${lastId}` : how === "both" ? stale : ""),
      lastId: how === "query" ? undefined : lastId,
    });
    for (const text of missed) assert.equal((await events.next()).data.text, text, how);
    await say(server, ann, how);
    await events.reads("message", { text: how });
    missed.push(how);
  }
});

Deno.test("whoever has been told nothing yet goes on from where the stream began", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bot] = await accounts(server, "ann", "bot");
  await say(server, ann, "before");
  let lastId: string;
  {
    await using events = await EventReader.open(server, { token: bot });
    lastId = events.lastId;
  }
  await say(server, ann, "missed");
  await using events = await EventReader.open(server, { token: bot, lastId });
  await events.reads("message", { text: "missed" });
});

Deno.test("under load, nothing is left out or told twice to those who come and go", async () => {
  await using server = await startServer(...UNLIMITED);
  const names = ["ann", "carl", "dora", "bot"];
  const [bot, ...talkers] = (await accounts(server, ...names)).reverse();
  const rooms = ["lobby", "garden", "kitchen"];
  await makeRooms(await server.member("ann"), "garden", "kitchen");
  const query = `?${rooms.map((room) => `room=${room}`).join("&")}`;
  let talking = true;
  const said: string[] = [];
  const readers = Promise.all(
    [3, 17, 40].map((patience) => comesAndGoes(server, { token: bot!, query, patience })),
  );
  const talks = talkers.map(async (token, talker) => {
    for (let index = 0; talking; index++) {
      const text = `${talker} ${index}`;
      const path = index % 4 === 3 ? "/direct/bot" : `/rooms/${rooms[index % 3]}/messages`;
      const { status, json } = await call(server, path, { token, text });
      assert.equal(status, 200);
      said.push(json.id);
      if (said.length >= 1_500) talking = false;
    }
  });
  await Promise.all(talks);
  const { json } = await call(server, "/rooms/lobby/messages", { token: bot, text: "the end" });
  said.push(json.id);
  for (const { ids, visits } of await readers) {
    assert.ok(visits > 10, `came ${visits} times`);
    assert.deepEqual(ids, ids.toSorted(), "not in the order of the ids");
    assert.equal(new Set(ids).size, ids.length, "something was told twice");
    assert.deepEqual(ids, said.toSorted(), "something was left out");
  }
});

Deno.test("a long past is told together with what is said meanwhile, and takes the reader's pace", async () => {
  await using server = await startServer(...UNLIMITED, "--outbox-bytes=64KiB");
  const [ann, bot] = await accounts(server, "ann", "bot");
  const person = await server.member("ann");
  const long = "x".repeat(3_000);
  for (let index = 0; index < 4_000; index++) await person.types(`${index} ${long}`);
  await person.types("/limits"); // answered when all before it is kept
  await person.readsUntil(/^Waiting for you/);
  await using events = await EventReader.open(server, { token: bot, query: "?last_event_id=" });
  const texts: string[] = [];
  for (let index = 0; index < 100; index++) texts.push((await events.next()).data.text);
  for (let index = 4_000; index < 4_200; index++) await say(server, ann, `${index} ${long}`); // 600 KB of them
  await say(server, ann, "4200 done");
  const rest = await events.readsUntil("message", { text: "4200 done" });
  texts.push(...rest.map(({ data }) => data.text));
  assert.deepEqual(
    texts.map((text) => Number(text.split(" ")[0])),
    Array.from({ length: 4_201 }, (_, index) => index),
  );
});

Deno.test("a reader who does not read is cut off, and everybody else goes on", async () => {
  await using server = await startServer(...UNLIMITED, "--outbox-bytes=64KiB", "--stall-seconds=2");
  const [ann, bot] = await accounts(server, "ann", "bot");
  await using slow = await listensRaw(server, bot);
  await using quick = await EventReader.open(server, { token: bot });
  const person = await server.member("ann");
  await quick.reads("joined", { name: "ann" });
  const text = "x".repeat(4_000);
  const count = 3_000; // 12 MB: more than the system takes for a connection
  const talking = (async () => {
    for (let index = 0; index < count; index++) await person.types(text);
    await person.types("/limits"); // answered when all before it is kept
    await person.readsUntil(/^Waiting for you/);
    await say(server, ann, "done");
  })();
  const told = await quick.readsUntil("message", { text: "done" });
  await talking;
  assert.equal(told.filter(({ data }) => data.text === text).length, count);
  await eventuallyOpens(server, bot, 19); // of 20, the slow one's is free again
  const { text: rest } = await slow.readsToTheEnd();
  assert.ok(!rest.includes('"text":"done"'), "it was told all");
  assert.ok(!rest.endsWith("0\r\n\r\n"), "it looks as if it were complete");
  await say(server, ann, "still here");
  await quick.reads("message", { text: "still here" });
});

Deno.test("a stream ends within a second when its token is revoked, with a word, and no other does", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bot] = await accounts(server, "ann", "bot");
  const other = await server.tokenOf("bot");
  await using revoked = await EventReader.open(server, { token: bot });
  await using stays = await EventReader.open(server, { token: other });
  await call(server, "/logout", { method: "POST", token: bot });
  const from = performance.now();
  const { events, broken } = await revoked.readsToTheEnd();
  assert.ok(performance.now() - from < 1_000);
  assert.deepEqual(events.map(({ data }) => data), [{
    type: "notice",
    text: "This token has been revoked.",
  }]);
  assert.equal(broken, false);
  await say(server, ann, "hi");
  await stays.reads("message", { text: "hi" });
  assert.equal((await call(server, "/events", { token: bot })).status, 401);
});

Deno.test("a stream ends when its account is disabled or banned, or the server stops", async () => {
  await using server = await startServer(...UNLIMITED);
  const admin = await adminOf(server);
  const [ann, bot, eve] = await accounts(server, "ann", "bot", "eve");
  const cases: [token: string, deed: () => Promise<unknown>, notice: RegExp][] = [
    [ann, () => disable(server, "ann"), /^This account is disabled\. /],
    [bot, () => admin.types("/ban bot 1h spam"), /^You were banned by root until .+: spam$/],
    [eve, () => admin.types("/ban 127.0.0.1 1h"), /^You were banned by root until .+ UTC\.$/],
  ];
  for (const [token, deed, notice] of cases) {
    await using events = await EventReader.open(server, { token });
    await deed();
    const { events: told } = await events.readsToTheEnd();
    assert.equal(told.length, 1);
    assert.match(told[0]!.data.text, notice);
  }
  await admin.types("/unban 127.0.0.1");
  await admin.readsUntil(/banned no longer/);
  await using events = await EventReader.open(server, { token: eve });
  const [stopped] = await Promise.all([events.readsToTheEnd(), server.restart()]);
  assert.deepEqual(stopped.events.map(({ data }) => data.text).slice(-1), ["Server is shutting down."]);
  assert.equal(stopped.broken, false);
});

Deno.test("whoever loses a room is told no more of it", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bot] = await accounts(server, "ann", "bot");
  const owner = await server.member("ann");
  await makeRooms(owner, "garden", "lab", "cave", "den");
  const secret = async (room: string) => {
    await owner.types(`/join #${room}`);
    await owner.types("/private on");
    await owner.readsUntil(/is private now/);
  };
  const member = await server.member("bot");
  for (const room of ["lab", "cave"]) {
    await secret(room);
    await owner.types("/invite bot");
    await owner.readsUntil(/is invited/);
    await member.types(`/join #${room}`);
    await member.readsUntil(new RegExp(`#${room}`));
  }
  await member.leaves();
  const losses: [what: string, room: string, deed: () => Promise<unknown>][] = [
    ["it becomes private", "garden", () => secret("garden")],
    ["the absent are kicked", "lab", () => kick(owner, "lab")],
    ["one leaves it", "cave", async () => {
      const again = await server.member("bot");
      await again.types("/leave #cave");
      await again.readsUntil("You have left #cave.");
      await again.leaves();
    }],
    ["one is banned from it without having joined", "den", async () => {
      await owner.types("/join #den");
      await owner.types("/ban bot");
      await owner.readsUntil(/bot is banned from #den/);
    }],
  ];
  for (const [what, room, deed] of losses) {
    await using events = await EventReader.open(server, { token: bot, query: `?room=${room}` });
    await using lobby = await EventReader.open(server, { token: bot, query: `?room=lobby` });
    await deed();
    await say(server, ann, "secret", room);
    await say(server, ann, `after ${room}`);
    const { events: told } = await events.readsToTheEnd();
    assert.deepEqual(told.at(-1)?.data, { type: "notice", text: "You may no longer read along here." }, what);
    assert.ok(!JSON.stringify(told).includes('"secret"'), what);
    await lobby.readsUntil("message", { text: `after ${room}` });
    const answer = await call(server, `/events?room=${room}`, { token: bot });
    assert.ok([403, 404].includes(answer.status), `${what}: ${answer.text}`);
  }
});

Deno.test("an account has twenty streams at most, and none is left behind by whoever goes", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bot] = await accounts(server, "ann", "bot");
  for (let index = 0; index < 25; index++) {
    assert.equal((await call(server, "/events", { method: "HEAD", token: bot })).status, 200);
  }
  for (let index = 0; index < 25; index++) {
    (await asksRaw(server, bot)).close();
  }
  await eventuallyOpens(server, bot, 20);
  await using stack = new AsyncDisposableStack();
  for (let index = 0; index < 20; index++) stack.use(await EventReader.open(server, { token: bot }));
  const { status, json } = await call(server, "/events", { token: bot });
  assert.equal(status, 429);
  assert.equal(json.message, "You have 20 streams of events open, which is the limit; close one.");
  await using other = await EventReader.open(server, { token: ann });
  await stack.disposeAsync();
  await eventuallyOpens(server, bot, 20);
  await say(server, ann, "hi");
  await other.reads("message", { text: "hi" });
});

Deno.test("a stream says now and then that it is there, when nothing else happens", async () => {
  await using server = await startServer("--ping-seconds=1");
  const [ann, bot] = await accounts(server, "ann", "bot");
  await using events = await EventReader.open(server, { token: bot });
  assert.equal(await events.readsComment(), ": ping");
  assert.equal(await events.readsComment(), ": ping");
  await say(server, ann, "hi");
  await events.reads("message", { text: "hi" });
});

Deno.test("one is not told what those say whom one ignores, neither live nor afterwards", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bot, eve] = await accounts(server, "ann", "bot", "eve");
  const member = await server.member("bot");
  await member.types("/ignore eve");
  await member.readsUntil(/eve/);
  for (const present of [true, false]) {
    if (!present) await member.leaves();
    await using events = await EventReader.open(server, { token: bot, query: "?room=lobby&last_event_id=" });
    await say(server, eve, "spam");
    await call(server, "/direct/bot", { token: eve, text: "spam" });
    await say(server, ann, `done, ${present}`);
    const told = await events.readsUntil("message", { text: `done, ${present}` });
    assert.ok(!JSON.stringify(told).includes("spam"));
  }
});

Deno.test("over TLS a stream comes by HTTP/1.1 and HTTP/2, each event as it happens", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bot] = await accounts(server, "ann", "bot");
  const { port } = server.parley.addresses.https!;
  for (const version of ["--http1.1", "--http2"]) {
    const ended = run("curl", [
      "-skN",
      version,
      "--max-time",
      "3",
      "--compressed",
      "-H",
      `Authorization: Bearer ${bot}`,
      `https://localhost:${port}/events`,
    ]);
    let talking = true;
    const talk = (async () => {
      while (talking) {
        await say(server, ann, "tick");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const { stdout } = await ended;
    talking = false;
    await talk;
    const ids = Array.from(stdout.matchAll(/^id: (.+)\nevent: message\ndata: (.+)\n\n/gm), ([, id]) => id!);
    assert.ok(ids.length > 10, `${version}: ${stdout}`);
    assert.deepEqual(ids, ids.toSorted());
  }
});

/** Reads from the beginning to what ends it all, in many visits; goes away in the middle of them. */
async function comesAndGoes(
  server: TestServer,
  { token, query, patience }: { token: string; query: string; patience: number },
): Promise<{ ids: string[]; visits: number }> {
  const ids: string[] = [];
  let lastId = "00000000000000000000000000";
  for (let visits = 1;; visits++) {
    await using events = await EventReader.open(server, { token, query, lastId });
    for (let index = 0; index < patience * (1 + visits % 3); index++) {
      const event: ServerSentEvent = await events.next();
      ({ lastId } = event);
      if (event.type !== "message" && event.type !== "direct") continue;
      ids.push(event.data.id);
      if (event.data.text === "the end") return { ids, visits };
    }
  }
}

/** Somebody who asks for a stream and reads nothing of it. */
async function listensRaw(server: TestServer, token: string) {
  const conn = await asksRaw(server, token);
  const head = new Uint8Array(4_096);
  const count = await conn.read(head);
  assert.match(new TextDecoder().decode(head.subarray(0, count!)), /^HTTP\/1\.1 200 /);
  return {
    async readsToTheEnd() {
      const text = await new Response(conn.readable).text().catch(() => "broken off");
      return { text };
    },
    [Symbol.asyncDispose]() {
      try {
        conn.close();
      } catch {
        // it was read to its end
      }
      return Promise.resolve();
    },
  };
}

/** Sends the request for a stream, and waits for no answer. */
async function asksRaw(server: TestServer, token: string): Promise<Deno.TcpConn> {
  const { hostname, port } = server.parley.addresses.http!;
  const conn = await Deno.connect({ hostname, port });
  const request = `GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  await conn.write(new TextEncoder().encode(request));
  return conn;
}

/** Waits until so many streams can be open at the same time. */
async function eventuallyOpens(server: TestServer, token: string, count: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    await using stack = new AsyncDisposableStack();
    try {
      for (let index = 0; index < count; index++) stack.use(await EventReader.open(server, { token }));
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

/** As the operator does it, beside the server. */
async function disable(server: TestServer, username: string): Promise<void> {
  await using directory = await DataDirectory.open(server.dataDir);
  const silent = new Log("json", (bytes) => Promise.resolve(bytes.length));
  await using records = await openRecords(directory, silent);
  await records.accounts.setDisabled((await records.accounts.findByHandle(username))!.id, true);
}

async function accounts<Names extends string[]>(
  server: TestServer,
  ...names: Names
): Promise<{ [Index in keyof Names]: string }> {
  const tokens = [];
  for (const name of names) {
    await server.hasAccount(name);
    tokens.push(await server.tokenOf(name));
  }
  return tokens as { [Index in keyof Names]: string };
}

/** The first admin, present. */
async function adminOf(server: TestServer): Promise<Person> {
  const root = { username: "root", password: "correct horse", name_account: "root" };
  await call(server, "/setup", { json: { code: server.parley.setupCode, ...root } });
  return await server.member("root");
}

async function say(server: TestServer, token: string, text: string, room = "lobby"): Promise<void> {
  const { status, text: answer } = await call(server, `/rooms/${room}/messages`, { token, text });
  assert.equal(status, 200, answer);
}

async function narrow(server: TestServer, token: string, scope: string): Promise<string> {
  return (await call(server, "/me/tokens", { token, json: { scope } })).json.token;
}

async function makeRooms(owner: Person, ...rooms: string[]): Promise<void> {
  for (const room of rooms) await owner.types(`/join #${room}`);
  await owner.types("/limits");
  await owner.readsUntil(/^Waiting for you/);
}

async function kick(owner: Person, room: string): Promise<void> {
  await owner.types(`/join #${room}`);
  await owner.types("/kick bot");
  await owner.readsUntil("bot was kicked.");
}
