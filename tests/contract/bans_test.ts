import { strict as assert } from "node:assert";
import type { Person } from "../support/person.ts";
import { Program, run } from "../support/program.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const UTC = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;
const SIGN_UP = { username: "newcomer", password: "correct horse", name_account: "newcomer" };

Deno.test("a banned account is out at once, by every door, over a restart, until the ban is lifted", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob, ann] = await server.members("bob", "ann");
  const there = await server.member("bob");
  const token = await server.tokenOf("bob");
  const mona = await server.moderator("mona");
  for (const person of [bob, there, ann]) await person.catchesUp();
  await mona.types("/ban BOB 1d too loud");
  await mona.readsUntil(new RegExp(`^bob is banned until ${UTC}\\.$`));
  for (const connection of [bob, there]) {
    assert.match(
      await connection.readsToTheEnd(),
      new RegExp(`^You were banned by mona until ${UTC}: too loud\n$`),
    );
  }
  await ann.reads("bob has left the chat.");
  const banned = new RegExp(`^You are banned from this server until ${UTC}: too loud\\.$`);
  const keptOut = async () => {
    for (const line of ["/login bob correct horse", token, "bob\ncorrect horse"]) {
      const person = await server.connect();
      await person.types(line);
      await person.readsUpTo("Enter your username: ");
      if (line.includes("\n")) await person.isAsked("Password: ");
      await person.reads(banned);
      await person.reads("Goodbye.");
      assert.equal(await person.readsToTheEnd(), "");
    }
    const program = await server.connect();
    await program.readsUpTo("Enter your username: ");
    await program.types(JSON.stringify({ type: "auth", token }));
    await program.reads("");
    assert.equal(JSON.parse(await program.readsLine()).code, "banned");
    for (
      const [path, init] of [
        ["/me", { headers: { authorization: `Bearer ${token}` } }],
        ["/login", { method: "POST", body: JSON.stringify({ username: "bob", password: "correct horse" }) }],
      ] as const
    ) {
      const response = await server.http(path, init);
      assert.equal(response.status, 403, path);
      assert.match((await response.json()).message, banned);
    }
  };
  await keptOut();
  await server.restart();
  await keptOut();
  const later = await server.member("mona");
  await later.asks(
    "/bans",
    "In force (1):",
    new RegExp(`^  1  bob is banned until ${UTC} by mona: too loud$`),
  );
  await later.asks("/unban bob", "bob is banned no longer.");
  await later.asks("/unban bob", "No such name, address or number is banned. /bans lists them.");
  await server.member("bob");
  await later.reads("bob has joined the chat.");
});

Deno.test("an account is banned while it is away, under whatever name it has", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  const mona = await server.moderator("mona");
  await bob.leaves();
  await mona.asks("/ban bob", "bob has left the chat.", "bob is banned.");
  await refused(await server.connect(), "/login bob correct horse", "You are banned from this server.");
  await mona.asks("/unban 1", "bob is banned no longer.");
  const again = await server.member("bob");
  await again.asks("/name robert", "bob is now called robert.");
  await mona.readsInTurn("bob has joined the chat.", "bob is now called robert.");
  await mona.asks("/ban bob", "User bob not found.");
  await mona.types("/ban robert");
  await mona.readsUntil("robert is banned.");
  await refused(await server.connect(), "/login bob correct horse", "You are banned from this server.");
});

Deno.test("a banned guest does not come back under another name, nor do other guests from there; accounts do", async () => {
  await using server = await startServer(...UNLIMITED);
  const mona = await server.moderator("mona");
  await server.hasAccount("ann");
  await using elsewhere = comesFrom("127.0.0.2", server);
  const eve = elsewhere.person;
  await eve.comesInAs("eve4821");
  const [bob] = await server.guests("bob");
  await mona.types("/ban EVE4821 spam");
  await mona.readsUntil("eve4821 is banned.");
  assert.match(await eve.readsToTheEnd(), /You were banned by mona: spam\n$/);
  await bob.reads("eve4821 has left the chat.");

  const from = "You are banned from this server: spam.";
  for (const name of ["eve4821", "EVE4821", "mallory", "/guest zoe"]) {
    await using again = comesFrom("127.0.0.2", server);
    await refused(again.person, name, from);
  }
  await refused(await server.connect(), "eve4821", from); // nor under that name from anywhere else
  await using account = comesFrom("127.0.0.2", server);
  await account.person.readsUpTo("Enter your username: ");
  await account.person.types("/login ann correct horse");
  await account.person.isWelcomed();
  await bob.reads("ann has joined the chat.");
  await mona.readsUntil("ann has joined the chat.");
  await mona.asks("/bans", "In force (1):", "  1  the guest eve4821 is banned by mona: spam");
  await mona.asks("/unban Eve4821", "the guest eve4821 is banned no longer.");
  await using back = comesFrom("127.0.0.2", server);
  await back.person.comesInAs("eve4821");
});

Deno.test("other guests who are there from the same place are somebody else; those who come later may be the same", async () => {
  await using server = await startServer(...UNLIMITED);
  const mona = await server.moderator("mona");
  const [bob, eve, zoe] = await server.guests("bob", "eve", "zoe");
  await mona.types(`/mute ${eve.name} 1h spam`);
  await eve.reads(new RegExp(`^You were muted by mona until ${UTC}: spam$`));
  await mona.types(`/ban ${zoe.name}`);
  assert.match(await zoe.readsToTheEnd(), /You were banned by mona\.?\n$/);
  await bob.types("I have done nothing");
  await mona.readsUntil(`${bob.name}: I have done nothing`);
  await eve.readsUntil(`${bob.name}: I have done nothing`);
  await eve.types("hello");
  await eve.reads(/^You are muted until \d\d:\d\d UTC: spam\.$/);
  await refused(await server.connect(), "mallory", "You are banned from this server.");
});

Deno.test("neither another name nor an account frees a guest from a mute", async () => {
  await using server = await startServer(...UNLIMITED);
  const mona = await server.moderator("mona");
  const muted = /^You are muted until \d\d:\d\d UTC: spam\.$/;
  {
    await using elsewhere = comesFrom("127.0.0.2", server);
    const eve = elsewhere.person;
    await eve.comesInAs("eve4821");
    await mona.readsUntil("eve4821 has joined the chat.");
    await mona.asks("/mute eve4821 1h spam", new RegExp(`^eve4821 is muted until ${UTC}\\.$`));
    await eve.reads(new RegExp(`^You were muted by mona until ${UTC}: spam$`));
    for (const line of ["hello", "/me spams", "/@ mona hello", "/signup eve eve"]) {
      await eve.asks(line, muted);
    }
  }
  await using again = comesFrom("127.0.0.2", server);
  await again.person.comesInAs("mallory");
  await again.person.asks("hello", muted);
  const [bob] = await server.guests("bob"); // from elsewhere
  await bob.types("hello");
  await mona.readsUntil(`${bob.name}: hello`);
  await mona.asks("/unmute eve4821", "the guest eve4821 is muted no longer.");
  await again.person.readsUntil(`${bob.name}: hello`);
  await again.person.types("thanks");
  await mona.reads(`${again.person.name}: thanks`);
});

Deno.test("guests who are gone are banned by name", async () => {
  await using server = await startServer(...UNLIMITED);
  const mona = await server.moderator("mona");
  await mona.asks("/ban mallory4821", "Guests called mallory4821 are banned.");
  await refused(await server.connect(), "mallory4821", "You are banned from this server.");
  for (const name of ["x", "mallory", "nobody482"]) {
    await mona.asks(`/ban ${name}`, `User ${name} not found.`);
  }
  await mona.asks("/ban no/name4821", "Names are 2 to 32 letters, digits, _ - or .");
  await mona.asks("/ban", "Use: /ban <name | address | network> [1d] [why]");
  await mona.asks("/ban bob 1y", "Use: /ban <name | address | network> [1d] [why]");
  await server.guests("bob");
});

for (const network of ["127.0.0.2", "127.0.0.2/32", "127.0.0.2/31"]) {
  Deno.test(`whoever comes from ${network} is out once that is banned, by HTTP as well; admins may come`, async () => {
    await using server = await startServer(...UNLIMITED);
    const mona = await server.moderator("mona");
    const ada = await server.admin("ada");
    await ada.leaves();
    await server.hasAccount("ann");
    await using guest = comesFrom("127.0.0.2", server);
    await guest.person.comesInAs("eve");
    await using member = comesFrom("127.0.0.2", server);
    await member.person.readsUpTo("Enter your username: ");
    await member.person.types("/login ann correct horse");
    await member.person.isWelcomed();
    const [bob] = await server.guests("bob"); // from 127.0.0.1
    await mona.types(`/ban ${network} flood`);
    await mona.readsUntil(/^127\.0\.0\.2\/3[12] is banned\.$/);
    for (const person of [guest.person, member.person]) {
      assert.match(await person.readsToTheEnd(), /You were banned by mona: flood\n$/);
    }
    for (const line of ["eve", "/login ann correct horse", "/signup zoe zoe"]) {
      await using again = comesFrom("127.0.0.2", server);
      await again.person.readsUpTo("Enter your username: ");
      await again.person.types(line);
      assert.match(await again.person.readsLine(), /^You are banned from this server: flood\.$/, line);
    }
    assert.match(await signsUpFrom("127.0.0.2", server), /^403 .*You are banned from this server: flood\./);
    await using admin = comesFrom("127.0.0.2", server);
    await admin.person.readsUpTo("Enter your username: ");
    await admin.person.types("/login ada correct horse");
    await admin.person.isWelcomed();
    await bob.readsUntil("ada has joined the chat.");
    await server.restart();
    assert.match(await signsUpFrom("127.0.0.2", server), /^403 /);
    const later = await server.member("mona");
    await later.asks(`/unban ${network}`, /^127\.0\.0\.2\/3[12] is banned no longer\.$/);
    assert.match(await signsUpFrom("127.0.0.2", server), /^200 /);
  });
}

Deno.test("what is no network is no ban of everybody", async () => {
  await using server = await startServer(...UNLIMITED);
  const mona = await server.moderator("mona");
  for (const text of ["127.0.0.256", "127.0.0.1/33", "::1/129", "1.2.3", "127.0.0.1/", "/24", "127.1/8x"]) {
    await mona.asks(`/ban ${text}`, `User ${text} not found.`);
  }
  await mona.asks("/ban 0.0.0.0/0 nobody today", "0.0.0.0/0 is banned.");
  await refused(await server.connect(), "bob", "You are banned from this server: nobody today.");
  await mona.asks("/unban 0.0.0.0/0", "0.0.0.0/0 is banned no longer.");
  await server.guests("bob");
});

/** Somebody who connects from another address of this machine. */
function comesFrom(address: string, server: TestServer): Program {
  const { hostname, port } = server.parley.addresses.plain!;
  return new Program("socat", ["-", `TCP:${hostname}:${port},bind=${address}`]);
}

/** Makes an account over HTTP from another address of this machine; answers status and body. */
async function signsUpFrom(address: string, server: TestServer): Promise<string> {
  const url = `http://127.0.0.1:${server.parley.addresses.http!.port}/signup`;
  const body = JSON.stringify(SIGN_UP);
  const { stdout } = await run("curl", [
    "-s",
    "--interface",
    address,
    "-d",
    body,
    "-w",
    "\n%{http_code}",
    url,
  ]);
  const [answer, status] = stdout.split("\n");
  return `${status} ${answer}`;
}

/** Whether what somebody types at the greeting is answered so, and with a goodbye. */
async function refused(person: Person, line: string, refusal: string): Promise<void> {
  await person.readsUpTo("Enter your username: ");
  await person.types(line);
  assert.equal(await person.readsToTheEnd(), `${refusal}\nGoodbye.\n`);
}
