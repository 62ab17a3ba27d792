import { strict as assert } from "node:assert";
import type { Person } from "../support/person.ts";
import { startServer } from "../support/start_server.ts";

const GUESTS_CANNOT = "Guests cannot do that. /signup first.";
const TAKEN = "That name is taken.";
const BAD_DIRECT = "Invalid private message format. Use: /@ <username> <message>";

Deno.test("what somebody types wrongly is refused to them alone", async () => {
  await using server = await startServer("--command-rate=off", "--rate=off");
  const [ann, bob] = await server.guests("ann", "bob");
  const refused: [line: string, refusal: string][] = [
    ["/dance", "Unknown command /dance. Type /help."],
    ["/DANCE now", "Unknown command /dance. Type /help."],
    ["/", "Unknown command /. Type /help."],
    ["/ me waves", "Unknown command /. Type /help."],
    ["/__proto__", "Unknown command /__proto__. Type /help."],
    ["/constructor", "Unknown command /constructor. Type /help."],
    ["/help dance", "Unknown command /dance. Type /help."],
    ["/@", BAD_DIRECT],
    ["/@ bob", BAD_DIRECT],
    ["/@bob", BAD_DIRECT],
    ["/msg", BAD_DIRECT],
    ["/msg bob ", BAD_DIRECT],
    ["/@ bob hi", "User bob not found."], // he is bob with digits
    ["/@ @bob hi", "User @bob not found."],
    ["/@bob, hi", "User bob, not found."],
    ["/r hi", "Nobody has written to you yet."],
    ["/r", "Use: /r <message>"],
    ["/me", "Use: /me <text>"],
    ["/u #garden", "There is no room #garden."],
    ["/whois", "Use: /whois <name>"],
    ["/whois nobody", "User nobody not found."],
    ["/whois two words", "Use: /whois <name>"],
    ["/ignore nobody", "User nobody not found."],
    ["/unignore", "Use: /unignore <name>"],
    [`/unignore ${bob.name}`, `You do not ignore ${bob.name}. /ignore lists whom you do.`],
    ["/timestamps", "Use: /timestamps on|off"],
    ["/timestamps maybe", "Use: /timestamps on|off"],
    ["/color", "Use: /color on|off"],
    ["/signup", "Use: /signup <username> [name]"],
    ["/signup a b c", "Use: /signup <username> [name]"],
    ["/name zoe", GUESTS_CANNOT],
    ["/name", GUESTS_CANNOT],
    ["/password", GUESTS_CANNOT],
    ["/tokens", GUESTS_CANNOT],
    ["/logout", GUESTS_CANNOT],
  ];
  for (const [line, refusal] of refused) {
    await ann.types(line);
    await ann.reads(refusal);
  }
  await ann.types("that was all");
  await bob.reads(`${ann.name}: that was all`);
});

Deno.test("/help lists in groups what one may do, and explains each", async () => {
  await using server = await startServer("--command-rate=off");
  await server.hasAccount("ann");
  const [guest] = await server.guests("guest");
  const member = await server.member("ann");
  await guest.reads("ann has joined the chat.");
  const [ofGuest, ofMember] = [await helpOf(guest), await helpOf(member)];
  const everybodys = [
    ...["/@", "/r", "/me", "/u", "/whois", "/away", "/ignore", "/unignore"],
    ...["/join", "/leave", "/rooms", "/topic", "/history", "/search", "/json"],
    ...["/timestamps", "/color", "/limits", "/help", "/signup", "/exit"],
  ];
  const members = ["/name", "/password", "/tokens", "/logout"];
  for (const name of everybodys) assert.ok(ofGuest.commands.includes(name), name);
  for (const name of [...everybodys, ...members]) assert.ok(ofMember.commands.includes(name), name);
  for (const name of members) assert.ok(!ofGuest.commands.includes(name), name);
  assert.deepEqual(ofMember.groups, [
    ...["Talking", "Rooms", "History", "People", "View", "Account", "Moderation", "Leaving"],
  ]);
  for (const name of ofMember.commands) {
    for (const asked of [name, name.slice(1).toUpperCase()]) {
      await member.types(`/help ${asked}`);
      const explanation = await member.readsLine();
      assert.ok(explanation.startsWith(name) && explanation.includes(": "), explanation);
    }
  }
  await member.types("/help .exit");
  await member.reads(/^\/exit: .+ Also \/quit\.$/);
});

Deno.test("a private message is written in any of its forms, in any case", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  const lines = [
    [`/@ ${bob.name} hi there`, "hi there"],
    [`/@${bob.name} hi there`, "hi there"],
    [`/@  ${bob.name}\t hi  there `, "hi  there"],
    [`/msg ${bob.name} hi there`, "hi there"],
    [`/MSG ${bob.name.toUpperCase()} Hi`, "Hi"],
    [`/@ ${bob.name} /u`, "/u"],
    [`/@ ${bob.name} //u`, "//u"],
  ];
  for (const [typed, text] of lines) {
    await ann.types(typed!);
    await ann.reads(`Private message to ${bob.name}: ${text}`);
    await bob.reads(`Private message from ${ann.name}: ${text}`);
  }
  await ann.types(`/@ ${ann.name} note to self`);
  await ann.readsInTurn(
    `Private message from ${ann.name}: note to self`,
    `Private message to ${ann.name}: note to self`,
  );
});

Deno.test("/r answers who wrote last, as long as they are here", async () => {
  await using server = await startServer();
  const [ann, bob, eve] = await server.guests("ann", "bob", "eve");
  await bob.types(`/@ ${ann.name} from bob`);
  await ann.reads(`Private message from ${bob.name}: from bob`);
  await eve.types(`/@ ${ann.name} from eve`);
  await ann.reads(`Private message from ${eve.name}: from eve`);
  await ann.types("/R to  eve");
  await ann.reads(`Private message to ${eve.name}: to  eve`);
  await eve.readsInTurn(
    `Private message to ${ann.name}: from eve`,
    `Private message from ${ann.name}: to  eve`,
  );
  await eve.types("/r back");
  await ann.reads(`Private message from ${eve.name}: back`);
  await eve.leaves();
  await ann.reads(`${eve.name} has left the chat.`);
  await ann.types("/r still there?");
  await ann.reads(`User ${eve.name} not found.`);
});

Deno.test("/r answers who wrote last under the name that they have now", async () => {
  await using server = await startServer();
  await server.hasAccount("bob");
  const [ann] = await server.guests("ann");
  const bob = await server.member("bob");
  await bob.types(`/@ ${ann.name} hi`);
  await ann.readsInTurn("bob has joined the chat.", "Private message from bob: hi");
  await bob.types("/name robert");
  await ann.reads("bob is now called robert.");
  await ann.types("/r hello");
  await ann.reads("Private message to robert: hello");
});

Deno.test("/u, /who and /names tell who is online", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  for (const line of ["/u", "/WHO", "/names ", "/u #lobby", "/u #Lobby", "/u lobby"]) {
    await ann.types(line);
    await ann.reads(`Users currently online (2): ${ann.name}, ${bob.name}`);
  }
});

Deno.test("/me tells what somebody does", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.types("/me  waves  twice");
  await ann.types("/ME \x1b[1mshouts");
  await bob.readsInTurn(`* ${ann.name} waves  twice`, `* ${ann.name} [1mshouts`);
});

Deno.test("who is away says so to those who ask and write, until they talk again", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  await bob.types("/away at lunch");
  await bob.reads("You are away: at lunch");
  await ann.types(`/@ ${bob.name} hi`);
  await ann.readsInTurn(`Private message to ${bob.name}: hi`, `${bob.name} is away: at lunch`);
  await ann.types(`/whois ${bob.name}`);
  await ann.readsInTurn(/ is online since /, "Away: at lunch");

  await bob.types("/away");
  await bob.readsInTurn(`Private message from ${ann.name}: hi`, "You are back.");
  await bob.types("/away");
  await bob.reads("You are away.");
  await ann.types(`/@ ${bob.name} hi`);
  await ann.readsInTurn(`Private message to ${bob.name}: hi`, `${bob.name} is away.`);

  await bob.types("here I am");
  await ann.reads(`${bob.name}: here I am`);
  await ann.types(`/@ ${bob.name} welcome`);
  await ann.reads(`Private message to ${bob.name}: welcome`);
  await ann.types("/u");
  await ann.reads(`Users currently online (2): ${ann.name}, ${bob.name}`);
});

Deno.test("who goes away right after a last word is away", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  await bob.sends("Back in an hour\n/away at lunch\n");
  await bob.reads("You are away: at lunch");
  await ann.reads(`${bob.name}: Back in an hour`);
  await ann.asks(`/@ ${bob.name} hi`, `Private message to ${bob.name}: hi`, `${bob.name} is away: at lunch`);
});

Deno.test("a long reason to be away is cut", async () => {
  await using server = await startServer();
  const [ann] = await server.guests("ann");
  await ann.types(`/away ${"x".repeat(1_000)}`);
  await ann.reads(`You are away: ${"x".repeat(199)}…`);
});

Deno.test("whom somebody ignores they do not hear, and may hear again", async () => {
  await using server = await startServer();
  const [ann, bob, eve] = await server.guests("ann", "bob", "eve");
  await bob.types(`/ignore ${ann.name.toUpperCase()}`);
  await bob.reads(`You no longer see what ${ann.name} says. /unignore ${ann.name} takes it back.`);
  await bob.types("/ignore");
  await bob.reads(`You ignore (1): ${ann.name}`);

  for (const line of ["hello", "/me waves", `/@ ${bob.name} psst`]) await ann.types(line);
  await ann.reads(`Private message to ${bob.name}: psst`); // she is not told
  await eve.readsInTurn(`${ann.name}: hello`, `* ${ann.name} waves`);
  await eve.types("hi all");
  await bob.reads(`${eve.name}: hi all`);
  await bob.types("/r hi");
  await bob.reads("Nobody has written to you yet.");

  await bob.types(`/unignore ${ann.name}`);
  await bob.reads(`You see again what ${ann.name} says.`);
  await bob.types("/ignore");
  await bob.reads("You ignore nobody.");
  await ann.reads(`${eve.name}: hi all`);
  await ann.types("hello again");
  await bob.reads(`${ann.name}: hello again`);
});

Deno.test("an account ignores for good: on return, over a restart, and what waited as well", async () => {
  await using server = await startServer();
  for (const name of ["ann", "bob", "carl"]) await server.hasAccount(name);
  const bob = await server.member("bob");
  await bob.types("/ignore ann"); // she is not here, and need not be
  await bob.reads("You no longer see what ann says. /unignore ann takes it back.");
  await bob.leaves();
  await server.restart();

  const [ann, carl] = [await server.member("ann"), await server.member("carl")];
  await ann.types("hello?");
  await ann.types("/@ bob hello?");
  await ann.readsUntil("bob is offline and will get it on return.");
  await carl.reads("ann: hello?");
  await carl.types("/@ bob hi");
  await carl.readsInTurn("Private message to bob: hi", "bob is offline and will get it on return.");
  const again = await server.member("bob");
  await again.readsInTurn(
    "You have 1 private messages from while you were away:",
    "Private message from carl: hi",
  );
  await ann.reads("bob has joined the chat.");
  await ann.types("hello??");
  await carl.readsUntil("ann: hello??");
  await carl.types("bye");
  await again.reads("carl: bye");
});

Deno.test("/whois tells how somebody is here, and of an account that is away what everybody may know", async () => {
  await using server = await startServer();
  await server.signsUp({ username: "ann@example.org", name: "Ann" });
  const [bob, carl] = await server.guests("bob", "carl"); // over TLS, and over the plain socket
  const since = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;
  await bob.types(`/whois ${bob.name.toUpperCase()}`);
  await bob.reads(new RegExp(`^${bob.name} is online since ${since} \\(TLS\\)\\. Role: guest\\.$`));
  await bob.types(`/whois ${carl.name}`);
  await bob.reads(new RegExp(`^${carl.name} is online since ${since} \\(plain\\)\\. Role: guest\\.$`));
  await bob.types("/whois ANN");
  await bob.reads("Ann is offline. Role: member.");
  await server.member("ann@example.org");
  await server.member("ann@example.org");
  await bob.reads("Ann has joined the chat.");
  await bob.types("/whois ann");
  await bob.reads(new RegExp(`^Ann is online since ${since} \\(plain, plain\\)\\. Role: member\\.$`));
});

Deno.test("nobody learns the name behind an e-mail address, nor that there is one", async () => {
  await using server = await startServer();
  await server.signsUp({ username: "ann@example.org", name: "Ann" });
  const [eve] = await server.guests("eve");
  for (const line of ["/whois", "/ignore", "/@"]) {
    for (const address of ["ann@example.org", "nobody@example.org"]) {
      await eve.types(`${line} ${address}${line === "/@" ? " hi" : ""}`);
      await eve.reads(`User ${address} not found.`);
    }
  }
});

Deno.test("/timestamps leads lines by their time, on this connection alone", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob");
  const [here, there] = [await server.member("ann"), await server.member("ann")];
  await here.readsOfLogin();
  await here.types("/timestamps ON");
  await here.reads("Timestamps are on (UTC).");
  await bob.types("hello");
  await bob.types("/me waves");
  await bob.types("/@ ann psst");
  const time = String.raw`^([01]\d|2[0-3]):[0-5]\d`;
  await here.reads(new RegExp(`${time} ${bob.name}: hello$`));
  await here.reads(new RegExp(`${time} \\* ${bob.name} waves$`));
  await here.reads(new RegExp(`${time} Private message from ${bob.name}: psst$`));
  await there.readsInTurn(
    `${bob.name}: hello`,
    `* ${bob.name} waves`,
    `Private message from ${bob.name}: psst`,
  );
  await here.types("/timestamps off");
  await here.reads("Timestamps are off.");
  await bob.types("bye");
  await here.reads(`${bob.name}: bye`);
});

Deno.test("/color colours names, on this connection alone", async () => {
  await using server = await startServer();
  const [ann, bob, carl] = await server.guests("ann", "bob", "carl");
  await ann.types("/color on");
  await ann.reads("Colours are on.");
  await bob.types("hello");
  await ann.reads(new RegExp(`^\\x1b\\[3[1-6]m${bob.name}\\x1b\\[0m: hello$`));
  await carl.reads(`${bob.name}: hello`);
  await ann.types("/colour off");
  await ann.reads("Colours are off.");
  await bob.types("bye");
  await ann.reads(`${bob.name}: bye`);
});

Deno.test("/limits tells one's limits and what is left of them", async () => {
  await using server = await startServer("--rate=7,1", "--command-rate=9,1", "--line-bytes=1000");
  const [ann, bob] = await server.guests("ann", "bob");
  for (let line = 0; line < 3; line++) await ann.types("hello");
  await ann.types(`/@ ${bob.name} psst`);
  await ann.reads(`Private message to ${bob.name}: psst`);
  await ann.types("/limits");
  await ann.reads("A line: 1000 bytes.");
  await ann.reads(/^Messages: 7 at once, then 1 a second; [3-6] left now\.$/);
  await ann.reads(/^Commands: 9 at once, then 1 a second; 8 left now\.$/);
  await ann.reads("Lines refused as too fast: 0 within the last minute; 50 end the connection.");
  await ann.reads("Reading from you: 65536 bytes a second.");
  await ann.reads(/^Waiting for you to read: \d+ of 262144 bytes\.$/);
});

Deno.test("a member takes another name, and all are told", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob");
  const [here, there] = [await server.member("ann"), await server.member("ann")];
  await here.readsOfLogin();
  await here.types("/name Annabel");
  for (const reader of [here, there]) await reader.reads("ann is now called Annabel.");
  await bob.readsInTurn("ann has joined the chat.", "ann is now called Annabel.");
  await there.types("hello");
  await bob.reads("Annabel: hello");
  await bob.types("/@ annabel hi");
  await bob.reads("Private message to Annabel: hi");
  await bob.types("/@ ann hi");
  await bob.reads("User ann not found.");
  await bob.types("/u");
  await bob.reads(`Users currently online (2): ${bob.name}, Annabel`);
});

Deno.test("a former name stays its owner's: nobody else may have it, and it still logs in", async () => {
  await using server = await startServer();
  await server.signsUp({ username: "ann@example.org", name: "ann" });
  await server.hasAccount("bob");
  const [ann, bob] = [await server.member("ann"), await server.member("bob")];
  await ann.types("/name annabel");
  await ann.readsUntil("ann is now called annabel.");
  await bob.types("/name ANN");
  await bob.readsInTurn("ann is now called annabel.", TAKEN);
  const again = await server.member("ann");
  assert.equal(again.name, "annabel");
  await ann.readsOfLogin();
  await ann.types("/name ann");
  await ann.reads("annabel is now called ann.");
});

Deno.test("a name is not taken that others hold, are here under, or that is none", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  await server.hasAccount("alice");
  await server.guests("bob4821");
  const ann = await server.member("ann");
  const refused: [line: string, refusal: string][] = [
    ["/name alice", TAKEN],
    ["/name ALICE", TAKEN],
    ["/name AIice", TAKEN], // with a capital i
    ["/name bob4821", TAKEN],
    ["/name Admin", TAKEN],
    ["/name lobby", TAKEN],
    ["/name x", "Names are 2 to 32 letters, digits, _ - or ."],
    ["/name an:n", "Names are 2 to 32 letters, digits, _ - or ."],
    ["/name two words", "Use: /name <new>"],
    ["/name", "Use: /name <new>"],
  ];
  for (const [line, refusal] of refused) {
    await ann.types(line);
    await ann.reads(refusal);
  }
  await ann.types("/name ANN");
  await ann.reads("ann is now called ANN.");
});

Deno.test("an account may have had five names before, and take any of them again", async () => {
  await using server = await startServer();
  await server.hasAccount("name0");
  const ann = await server.member("name0");
  for (let number = 1; number <= 5; number++) {
    await ann.types(`/name name${number}`);
    await ann.reads(`name${number - 1} is now called name${number}.`);
  }
  await ann.types("/name name6");
  await ann.reads("You have had 5 names before, which is the limit; take one of them.");
  await ann.types("/name name2");
  await ann.reads("name5 is now called name2.");
});

Deno.test("a member changes the password, and no word of it is told to anybody", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob");
  const byToken = await server.connect();
  await byToken.readsUpTo("username: ");
  await byToken.types(await server.tokenOf("ann"));
  await byToken.isWelcomed();
  await bob.reads("ann has joined the chat.");
  const ann = await server.member("ann");
  await byToken.readsOfLogin();

  await ann.sends("/password\ncorrect horse\nnew secret\nnew secret\nthat was it\n"); // all at once
  await ann.isAsked("Current password: ");
  await ann.isAsked("Password: ");
  await ann.isAsked("Repeat password: ");
  await ann.reads("Your password is changed.");
  await bob.reads("ann: that was it");
  // other tokens end, with those who came in by them
  assert.match(await byToken.readsToTheEnd(), /^(ann: that was it\n)?This token has been revoked\.\n$/);

  const old = await server.connect();
  await old.readsUpTo("username: ");
  await old.types("/login ann correct horse");
  await old.reads("Wrong username or password.");
  await server.member("ann", "new secret");
});

Deno.test("a password that is changed puts out who came in by the old one, and not who has changed it", async () => {
  await using server = await startServer();
  const [ann] = await server.members("ann");
  const other = await server.member("ann");
  await ann.readsOfLogin();
  await ann.sends("/password\ncorrect horse\nnew secret\nnew secret\n");
  for (const asked of ["Current password: ", "Password: ", "Repeat password: "]) await ann.isAsked(asked);
  await ann.reads("Your password is changed.");
  assert.equal(await other.readsToTheEnd(), "This account was logged out everywhere; log in again.\n");
  await ann.asks("/u", "Users currently online (1): ann");
});

Deno.test("the password stays as it is where the old one is wrong, the new ones differ or are too short", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob");
  const ann = await server.member("ann");
  await bob.reads("ann has joined the chat.");
  await ann.types("/password");
  await ann.isAsked("Current password: ");
  await ann.types("wrong horse");
  await ann.reads("Wrong password; nothing was changed.");
  for (
    const [first, second, refusal] of [
      ["new secret", "New secret", "The two passwords differ; try again."],
      ["1234567", "1234567", "Passwords are 8 to 1024 bytes long."],
    ]
  ) {
    await ann.types("/password");
    await ann.isAsked("Current password: ");
    await ann.types("correct horse");
    await ann.isAsked("Password: ");
    await ann.types(first!);
    await ann.isAsked("Repeat password: ");
    await ann.types(second!);
    await ann.reads(refusal!);
  }
  await server.member("ann");
  await ann.types("hello");
  await bob.reads("ann: hello");
});

Deno.test("what happens while a question waits is told, and the answer is still the answer", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob");
  const ann = await server.member("ann");
  await bob.reads("ann has joined the chat.");
  await ann.types("/password");
  await ann.isAsked("Current password: ");
  await bob.types("hello");
  await ann.reads(`${bob.name}: hello`);
  await ann.types("/u");
  await ann.reads("Wrong password; nothing was changed.");
  await ann.types("hello");
  await bob.reads("ann: hello");
});

Deno.test("who leaves while a question waits has left", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob");
  const ann = await server.member("ann");
  await ann.types("/password");
  await ann.isAsked("Current password: ");
  await ann.vanishes();
  await bob.readsInTurn("ann has joined the chat.", "ann has left the chat.");
  assert.deepEqual(server.logged.filter((line) => line.includes('"error"')), []);
});

Deno.test("a member makes tokens, lists them and ends them", async () => {
  await using server = await startServer("--token-days=7");
  await server.hasAccount("ann");
  const ann = await server.member("ann");
  await ann.asks("/tokens", "You have no tokens. /tokens new makes one.", "Your connections (1):", /netcat/);
  await ann.types("/tokens new my \x1b[1mlaptop");
  const made = await ann.readsLine();
  const until = dateIn(7);
  assert.equal(made, `Paste this as the first line to come in as ann, until ${until}; it is shown only now:`);
  const token = await ann.readsLine();
  assert.match(token, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);

  const byToken = await server.connect();
  await byToken.readsUpTo("username: ");
  await byToken.types(token);
  await byToken.isWelcomed();
  await byToken.types("/tokens");
  await byToken.reads("Your tokens (1):");
  const listed = await byToken.readsLine();
  const [, id] = /^(\w{26}) {2}/.exec(listed) ?? assert.fail(listed);
  assert.equal(
    listed.replace(/\d\d:\d\d UTC/, "<time>"),
    `${id}  ${dateIn(0)} to ${until}  my [1mlaptop  (this connection)` +
      `  issued to 127.0.0.1 by netcat  last used ${dateIn(0)} <time> from 127.0.0.1 by netcat`,
  );
  await byToken.readsInTurn("Your connections (2):", /by password/, /by token .*\(this one\)$/);

  await ann.types(`/tokens revoke ${id}`);
  await ann.reads("That token has ended, and with it every connection that came in by it.");
  assert.equal(await byToken.readsToTheEnd(), "This token has been revoked.\n");
  await ann.types(`/tokens revoke ${id}`);
  await ann.reads(`There is no live token ${id}.`);
  await ann.asks("/tokens", "You have no tokens. /tokens new makes one.", "Your connections (1):", /netcat/);
  for (const line of ["/tokens revoke", "/tokens revoke a b", "/tokens burn"]) {
    await ann.types(line);
    await ann.reads("Use: /tokens [new [label] [scope…] | revoke <id>]");
  }
  await ann.types("/tokens revoke \x1b[2Jx");
  await ann.reads("There is no live token [2Jx.");
});

Deno.test("a member lists the connections of the account and ends them", async () => {
  await using server = await startServer();
  await server.members("ann", "eve");
  const eve = await server.member("eve");
  const [here, there] = [await server.member("ann"), await server.member("ann")];
  await here.readsOfLogin();
  await here.asks("/tokens", /^You have no tokens/, "Your connections (3):");
  const [first, own, other] = [await here.readsLine(), await here.readsLine(), await here.readsLine()];
  const line = /^([\da-f-]{36}) {2}127\.0\.0\.1 by netcat {2}plain {2}by password {2}since \S+ \S+ UTC/;
  for (const connection of [first, own, other]) assert.match(connection, line);
  assert.ok(own.endsWith("  (this one)"), own);
  const [, id] = line.exec(other)!;
  await eve.asks(`/tokens revoke ${id}`, `There is no live token ${id}.`);
  await here.asks(`/tokens revoke ${id}`, "That connection has ended.");
  assert.equal(await there.readsToTheEnd(), "This connection was ended from another one of yours.\n");
  await here.asks(`/tokens revoke ${id}`, `There is no live token ${id}.`);
  await here.types(`/tokens revoke ${line.exec(own)![1]}`);
  assert.match(await here.readsToTheEnd(), /You have ended this connection\. Goodbye\.\n$/);
});

Deno.test("nobody ends another's token, or learns of it", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  await server.hasAccount("eve");
  const [ann, eve] = [await server.member("ann"), await server.member("eve")];
  await ann.reads("eve has joined the chat.");
  await ann.types("/tokens new");
  await ann.reads(/^Paste this/);
  const token = await ann.readsLine();
  await ann.types("/tokens");
  await ann.reads("Your tokens (1):");
  const id = (await ann.readsLine()).slice(0, 26);
  await eve.asks("/tokens", "You have no tokens. /tokens new makes one.", "Your connections (1):", /netcat/);
  await eve.types(`/tokens revoke ${id}`);
  await eve.reads(`There is no live token ${id}.`);
  const byToken = await server.connect();
  await byToken.readsUpTo("username: ");
  await byToken.types(token);
  await byToken.isWelcomed();
});

Deno.test("/logout ends the token that one came in by, and every connection by it", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob");
  const token = await server.tokenOf("ann");
  const [here, there] = [await server.connect(), await server.connect("tls")];
  for (const ann of [here, there]) {
    await ann.readsUpTo("username: ");
    await ann.types(token);
    await ann.isWelcomed();
  }
  await here.sends("bye\n/logout\n");
  assert.match(await here.readsToTheEnd(), /^[^\n]+\.\n$/);
  assert.equal(await there.readsToTheEnd(), "ann: bye\nThis token has been revoked.\n");
  await bob.readsInTurn("ann has joined the chat.", "ann: bye", "ann has left the chat.");
  await there.vanishes();
  const again = await server.connect();
  await again.readsUpTo("username: ");
  await again.types(token);
  await again.reads("This token has been revoked.");
});

Deno.test("/logout of one who came in by password closes that connection alone", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [here, there] = [await server.member("ann"), await server.member("ann")];
  await here.readsOfLogin();
  await here.types("/logout");
  assert.equal(await here.readsToTheEnd(), "You are logged out. Goodbye.\n");
  await there.types("/u");
  await there.reads("Users currently online (1): ann");
});

Deno.test("a guest makes an account without leaving", async () => {
  await using server = await startServer();
  const [bob, guest] = await server.guests("bob", "ann");
  await bob.types(`/@ ${guest.name} hi`);
  await guest.reads(`Private message from ${bob.name}: hi`);
  await guest.sends("/signup ann@example.org\nAnn\ncorrect horse\ncorrect horse\n/u\n"); // all at once
  await guest.isAsked("Choose a name: ");
  await guest.isAsked("Password: ");
  await guest.isAsked("Repeat password: ");
  await guest.readsInTurn(
    `${guest.name} is now called Ann.`,
    "You have an account now, Ann. Next time: /login ann@example.org",
    `Users currently online (2): ${bob.name}, Ann`,
  );
  await bob.readsInTurn(`Private message to ${guest.name}: hi`, `${guest.name} is now called Ann.`);
  await guest.types("/r I am Ann now");
  await bob.reads("Private message from Ann: I am Ann now");
  await guest.types("/tokens");
  await guest.readsInTurn(`Private message to ${bob.name}: I am Ann now`, /^You have no tokens/);
  await guest.readsInTurn(
    "Your connections (1):",
    / {2}plain {2}by signing up {2}since .+ UTC {2}\(this one\)$/,
  );
  await guest.types("/signup ann2");
  await guest.reads("You have an account already, Ann.");
  const again = await server.member("ann");
  await guest.readsOfLogin();
  await again.types("hello");
  await guest.reads("Ann: hello");
  await again.leaves();
  await guest.types("hello");
  await bob.readsInTurn("Ann: hello", "Ann: hello"); // and no joining or leaving between
});

Deno.test("a guest who may not have an account stays a guest", async () => {
  await using server = await startServer("--command-rate=off");
  await server.hasAccount("alice");
  const [guest, bob] = await server.guests("ann", "bob4821");
  const refused: [lines: string, refusal: string][] = [
    ["/signup alice", TAKEN],
    ["/signup x", "Usernames are an e-mail address, or 2 to 32 letters, digits, _ - or ."],
    ["/signup ann AIice", TAKEN],
    ["/signup ann admin", TAKEN],
    ["/signup ann bob4821", TAKEN],
    ["/signup ann an:n", "Names are 2 to 32 letters, digits, _ - or ."],
    ["/signup ann\nalice", `Choose a name: ${TAKEN}`],
    [
      "/signup ann ann\nsecret one\nsecret two",
      "Password: Repeat password: The two passwords differ; try again.",
    ],
    ["/signup ann ann\nshort\nshort", "Password: Repeat password: Passwords are 8 to 1024 bytes long."],
  ];
  for (const [lines, refusal] of refused) {
    await guest.types(lines);
    await guest.reads(refusal);
  }
  await guest.types("/name zoe");
  await guest.reads(GUESTS_CANNOT);
  await guest.types("hello");
  await bob.reads(`${guest.name}: hello`);
});

Deno.test("where sign-up is closed no guest makes an account", async () => {
  await using server = await startServer("--signup=closed");
  const [guest] = await server.guests("ann");
  await guest.types("/signup ann");
  await guest.reads("Sign-up is closed here. Ask an admin of this server for an account.");
});

Deno.test(".exit and its kin say goodbye and close", async () => {
  await using server = await startServer();
  const [watcher] = await server.guests("watcher");
  for (const line of [".exit", ".EXIT", "/exit", "/Quit", "/quit now", ".exit "]) {
    const person = await server.connect();
    await person.comesInAs("ann");
    await person.types(line);
    assert.equal(await person.readsToTheEnd(), "Goodbye.\n", line);
    await watcher.readsInTurn(`${person.name} has joined the chat.`, `${person.name} has left the chat.`);
  }
});

interface Help {
  readonly groups: string[];
  /** With their slash, in order. */
  readonly commands: string[];
}

async function helpOf(person: Person): Promise<Help> {
  await person.types("/HELP");
  const lines = await person.readsUntil(/^A line that begins with \/\/ is said with one \//);
  const commands = lines.filter((line) => line.startsWith("  /")).map((line) => line.trim().split(" ")[0]!);
  const groups = lines.filter((line) => /^\w+:$/.test(line)).map((line) => line.slice(0, -1));
  assert.equal(lines.length, commands.length + groups.length);
  return { groups, commands };
}

function dateIn(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
