import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { Bots, DOORS, ID, TIME } from "../support/bot.ts";
import type { Person } from "../support/person.ts";
import { startServer } from "../support/start_server.ts";

const TAKEN = "That name is taken.";

Deno.test("a guest who signs up can answer whoever wrote before, and be answered", async () => {
  await using server = await startServer();
  const [bob, guest] = await server.guests("bob", "zoe");
  await bob.asks(`/@ ${guest.name} before`, `Private message to ${guest.name}: before`);
  await guest.reads(`Private message from ${bob.name}: before`);
  await becomes(guest, "zoe");
  await bob.reads(`${guest.name} is now called zoe.`);
  await guest.asks("/r after", `Private message to ${bob.name}: after`);
  await bob.reads("Private message from zoe: after");
  await bob.asks("/r and back", "Private message to zoe: and back");
  await guest.reads(`Private message from ${bob.name}: and back`);
});

Deno.test("whom the guest wrote to answers under the new name, without being written to again", async () => {
  await using server = await startServer();
  const [bob, guest] = await server.guests("bob", "zoe");
  await guest.types(`/@ ${bob.name} hi`);
  await bob.reads(`Private message from ${guest.name}: hi`);
  await guest.reads(`Private message to ${bob.name}: hi`);
  await becomes(guest, "zoe");
  await bob.reads(`${guest.name} is now called zoe.`);
  await bob.asks("/r hello", "Private message to zoe: hello");
});

Deno.test("what was written privately is the member's, for both, and after the next log-in", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  await server.hasAccount("bob");
  const bob = await bots.member("bob");
  const [guest] = await bots.guests("zoe");
  const was = guest.name;
  await bob.catchesUp();
  const { id: asked } = await bob.asks({ type: "direct", to: was, text: "hi" }, { type: "ack", id: ID });
  await guest.catchesUp();
  const { id: answered } = await guest.asks({ type: "direct", to: "bob", text: "hello" }, {
    type: "ack",
    id: ID,
  });
  await guest.sends({ type: "signup", username: "zoe", password: "correct horse", ref: 1 });
  await guest.readsUntil({ ...WELCOME, ref: 1 });
  await guest.vanishes();
  await bob.catchesUp();
  const messages = [
    { type: "direct", id: asked, from: "bob", to: was, text: "hi", at: TIME },
    { type: "direct", id: answered, from: was, to: "bob", text: "hello", at: TIME },
  ];
  const again = await bots.member("zoe");
  await bob.catchesUp();
  const history = { type: "history", more: false, messages };
  await again.asks({ type: "history", with: "bob" }, { ...history, with: "bob" });
  await bob.asks({ type: "history", with: "zoe" }, { ...history, with: "zoe" });
  await again.asks({ type: "conversations" }, {
    type: "conversations",
    conversations: [{ with: "bob", last: messages[1] }],
  });
});

Deno.test("a guest who signs up stays in the same rooms, and owns those that the guest made", async () => {
  await using server = await startServer();
  const [bob, guest] = await server.guests("bob", "zoe");
  await guest.types("/join #den");
  await guest.readsUntil(/^Users currently online/);
  await guest.types("/join #left");
  await guest.readsUntil(/^Users currently online/);
  await guest.asks("/leave #left", "You have left #left.");
  await guest.types("/join #den");
  await guest.catchesUp();
  await becomes(guest, "zoe");
  await bob.reads(`${guest.name} is now called zoe.`); // and no word of joining or leaving
  await guest.asks("/topic Roses", "zoe has set the topic of #den: Roses");
  await guest.types("/join #left");
  await guest.readsUntil(/^Users currently online/);
  await guest.asks("/topic Tulips", "zoe has set the topic of #left: Tulips");
  await guest.leaves();
  const again = await server.member("zoe");
  await again.types("/u #den");
  await again.readsUntil("Users currently online (1): zoe");
});

/** What a new member reads first. */
const WELCOME = {
  type: "welcome",
  server: "Parley",
  version: /./,
  name: "zoe",
  role: "member",
  rooms: ["lobby"],
};

for (const door of DOORS) {
  Deno.test(`a program that is a guest becomes a member over ${door}`, async () => {
    await using server = await startServer();
    await using bots = new Bots(server);
    const guest = await bots.connect(door);
    await guest.comesIn({ type: "guest", name: "zoe" });
    const request = { type: "signup", username: "zoe@example.org", name: "zoe", password: "correct horse" };
    await guest.sends({ ...request, ref: "r" });
    await guest.readsInTurn(
      { type: "renamed", from: guest.name, to: "zoe", at: TIME },
      { ...WELCOME, ref: "r" },
    );
    await guest.asks({ type: "who" }, { type: "roster", room: "lobby", names: ["zoe"] });
    const again = await bots.connect(door);
    await again.comesIn({ type: "login", username: "zoe@example.org", password: "correct horse" });
    equal(again.name, "zoe");
  });
}

Deno.test("what is wrong with a program's sign-up is refused, and it stays a guest", async () => {
  await using server = await startServer("--command-rate=off");
  await using bots = new Bots(server);
  await server.hasAccount("alice");
  const [guest] = await bots.guests("zoe");
  const wanted = { type: "signup", username: "zoe", password: "correct horse" };
  const refused: [request: object, code: string, text?: string][] = [
    [{ type: "signup" }, "bad_request"],
    [{ type: "signup", username: "zoe" }, "bad_request"],
    [{ ...wanted, password: 12345678 }, "bad_request"],
    [{ ...wanted, username: "zo e" }, "bad_request"],
    [{ ...wanted, name: "" }, "bad_request"],
    [{ ...wanted, username: "x" }, "bad_username"],
    [{ ...wanted, username: "zoe@example.org" }, "bad_name"], // no name, and none can be made of it
    [{ ...wanted, name: "x" }, "bad_name"],
    [{ ...wanted, username: "ALICE" }, "user_exists", TAKEN],
    [{ ...wanted, name: "AIice" }, "name_taken", TAKEN],
    [{ ...wanted, name: "admin" }, "name_taken"],
    [{ ...wanted, password: "short" }, "bad_password"],
    [{ ...wanted, password: "password1" }, "common_password"],
    [{ ...wanted, username: "zoezoezoe", password: "ZoeZoeZoe1" }, "password_is_name"],
  ];
  for (const [request, code, text] of refused) await guest.isRefused(request, code, text ?? /./);
  await guest.isRefused({ type: "command", text: "/tokens" }, "guests_cannot");
  const member = await bots.member("alice");
  await guest.readsUntil({ type: "joined", room: "lobby", name: "alice", at: TIME });
  await member.asks(wanted, { type: "notice", text: "You have an account already, alice." });
});

Deno.test("nobody who is not in signs up in JSON", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  const bot = await bots.connect("ws");
  await bot.isRefused({ type: "signup", username: "zoe", password: "correct horse" }, "log_in_first");
});

Deno.test("what is said while somebody becomes a member is read by all under one name or the other", async () => {
  await using server = await startServer("--rate=off", "--command-rate=off");
  await using bots = new Bots(server);
  const [guest, reader] = await bots.guests("zoe", "bob");
  const say = (count: number) => ({ type: "say", room: "lobby", text: `${count}` });
  await guest.sends(
    ...[1, 2, 3].map(say),
    { type: "signup", username: "zoe", password: "correct horse", ref: "r" },
    ...[4, 5, 6].map(say),
  );
  await guest.readsUntil({ ...WELCOME, ref: "r" });
  await guest.catchesUp();
  const seen: unknown[] = [];
  for (const before of await readsUpTo(reader, "6")) {
    if (before.type === "renamed") seen.push("renamed");
    if (before.type === "message") seen.push([before.from === "zoe", before.text]);
  }
  deepEqual(seen, [[false, "1"], [false, "2"], [false, "3"], "renamed", [true, "4"], [true, "5"], [
    true,
    "6",
  ]]);
});

/** Reads objects up to a message of this text. */
async function readsUpTo(bot: Awaited<ReturnType<Bots["connect"]>>, text: string) {
  const read = [await bot.reads()];
  while (read.at(-1)!.text !== text) read.push(await bot.reads());
  return read;
}

/** Makes an account without leaving. */
async function becomes(guest: Person, name: string): Promise<void> {
  await guest.types(`/signup ${name} ${name}`);
  for (const question of ["Password: ", "Repeat password: "]) {
    await guest.isAsked(question);
    await guest.types("correct horse");
  }
  await guest.readsInTurn(
    `${guest.name} is now called ${name}.`,
    `You have an account now, ${name}. Next time: /login ${name}`,
  );
}
