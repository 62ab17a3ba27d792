import type { Person } from "../support/person.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

const MAY_NOT = "You may not do that.";

/** A moment as people read it. */
const UTC = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;

Deno.test("whoever makes a room owns it, and names its moderators", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob, eve] = await server.members("ann", "bob", "eve");
  await meetIn("den", ann, bob);
  await eve.asks("/mod eve", MAY_NOT); // of the lobby
  await bob.asks("/mod bob", MAY_NOT);
  await ann.asks("/mod nobody", "User nobody not found.");
  await ann.asks("/mod", "Use: /mod <name>");
  await ann.asks("/mod BOB", "#den: bob is a moderator of the room now.");
  await bob.reads("#den: bob is a moderator of the room now.");
  await bob.asks("/mod eve", MAY_NOT);
  await bob.asks("/unmod bob", MAY_NOT);
  await bob.asks("/private on", MAY_NOT);
  await bob.asks("/topic Tea", "bob has set the topic of #den: Tea");
  await ann.reads("bob has set the topic of #den: Tea");

  await server.restart();
  const [owner, again] = [await server.member("ann"), await server.member("bob")];
  await owner.reads("bob has joined the chat.");
  for (const person of [owner, again]) await person.asks("/join #den", "You are in #den: Tea", /^Users/);
  await again.asks("/topic Toast", "bob has set the topic of #den: Toast");
  await owner.reads("bob has set the topic of #den: Toast");
  await owner.asks("/unmod bob", "#den: bob is no moderator of the room any more.");
  await again.reads("#den: bob is no moderator of the room any more.");
  await again.asks("/topic Jam", MAY_NOT);
  await owner.asks("/unmod bob", "bob is no moderator of #den.");
});

Deno.test("a guest who makes a room owns it, and goes on owning it with an account", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.guests("ann", "bob");
  await meetIn("den", ann, bob);
  await ann.asks("/topic Tea", `${ann.name} has set the topic of #den: Tea`);
  await bob.reads(`${ann.name} has set the topic of #den: Tea`);
  await ann.types("/signup ann ann");
  for (const question of ["Password: ", "Repeat password: "]) {
    await ann.isAsked(question);
    await ann.types("correct horse");
  }
  await ann.reads(`${ann.name} is now called ann.`);
  await ann.reads("You have an account now, ann. Next time: /login ann");
  await ann.leaves();
  const again = await server.member("ann");
  await again.asks("/join #den", "You are in #den: Tea", /^Users currently online \(2\)/);
  await again.asks("/topic -", "ann has taken away the topic of #den.");
});

Deno.test("in a quiet room its staff speaks and others read", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob, eve] = await server.members("ann", "bob", "eve");
  await meetIn("den", ann, bob, eve);
  await ann.types("/mod bob");
  await ann.types("/quiet on");
  for (const person of [ann, bob, eve]) {
    await person.readsInTurn(
      "#den: bob is a moderator of the room now.",
      "#den: the room is quiet now: its staff speaks, others read.",
    );
  }
  const quiet = "#den is quiet: its staff speaks, others read.";
  for (const line of ["hello", "/me waves", "/say hello"]) await eve.asks(line, quiet);
  await eve.asks("/quiet off", MAY_NOT);
  await eve.asks("/quiet", "Use: /quiet on|off");
  await bob.types("I may");
  await ann.types("and so may I");
  await eve.readsInTurn("bob: I may", "ann: and so may I");
  await eve.asks("/join #lobby", "You are in #lobby.", /^Users/);
  await eve.types("here I may");
  await bob.readsInTurn("ann: and so may I", "#lobby eve: here I may");
  await bob.asks("/quiet off", "#den: everybody may speak now.");
  await eve.reads("#den: everybody may speak now.");
});

Deno.test("one's own messages one may delete, those of others only the staff", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  const ada = await server.admin("ada");
  const [guest] = await server.guests("guest");
  await meetIn("den", ann, bob, guest, ada);
  await bob.types("mine");
  for (const other of [ann, guest, ada]) await other.reads("bob: mine");
  await guest.types("a guest's");
  for (const other of [ann, bob, ada]) await other.reads(`${guest.name}: a guest's`);
  await ann.types("ann's");
  for (const other of [bob, guest, ada]) await other.reads("ann: ann's");
  for (const number of [2, 3, 4]) await bob.asks(`/delete ${number}`, MAY_NOT);
  for (const number of [1, 2]) await guest.asks(`/delete ${number}`, MAY_NOT);
  await bob.types("/delete 1");
  for (const each of [ann, bob, guest, ada]) await each.reads("bob has deleted a message of bob in #den.");
  await ada.asks("/audit", "Nothing has been done yet."); // that is for what is done by power
  await ann.types("/delete 2");
  for (const each of [ann, bob, guest, ada]) {
    await each.reads(`ann has deleted a message of ${guest.name} in #den.`);
  }
  await ada.asks("/audit", new RegExp(`ann \\(127\\.0\\.0\\.1\\): delete ${guest.name} — #den$`));
});

Deno.test("the staff sends people out of its room, who may come back", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob, eve] = await server.members("ann", "bob", "eve");
  const there = await server.member("bob");
  await meetIn("den", ann, bob);
  await ann.asks("/kick bob too loud", "bob has left #den.", "bob was kicked.");
  await bob.readsInTurn("You were kicked from #den by ann: too loud", "bob has left #den.");
  await bob.types("in the lobby again");
  await eve.reads("bob: in the lobby again");
  await ann.reads("#lobby bob: in the lobby again");
  await there.readsUntil("You were kicked from #den by ann: too loud");
  await there.reads("bob has left #den.");
  await ann.asks("/u #den", "Users currently online (1): ann");
  await ann.asks("/kick bob", "bob is not in #den.");
  await ann.asks("/kick eve", "eve is not in #den.");
  await ann.asks("/kick", "Use: /kick <name> [why]");
  await meetAgain("den", bob, ann);
});

Deno.test("who is sent out of a room while away is not in it on return", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob, eve] = await server.members("ann", "bob", "eve");
  await meetIn("den", ann, bob, eve);
  for (const person of [bob, eve]) await person.leaves();
  for (const name of ["bob", "eve"]) await ann.readsUntil(`${name} has left the chat.`);
  await ann.asks("/kick bob", "bob was kicked.");
  await ann.asks("/ban eve", "eve is banned from #den.");
  await ann.types("are they gone?");
  for (const name of ["bob", "eve"]) {
    const back = await server.member(name);
    await ann.reads(`${name} has joined the chat.`);
    await ann.asks("/u #den", "Users currently online (1): ann");
    await back.asks("/missed", "You have missed nothing.");
  }
});

Deno.test("a mute of the room's staff holds in that room alone", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob, eve] = await server.members("ann", "bob", "eve");
  await meetIn("den", ann, bob);
  await ann.asks("/mute bob 1h drums", new RegExp(`^bob is muted in #den until ${UTC}\\.$`));
  await bob.reads(new RegExp(`^You were muted in #den by ann until ${UTC}: drums$`));
  for (const line of ["hello", "/me drums"]) {
    await bob.asks(line, /^You are muted in #den until \d\d:\d\d UTC: drums\.$/);
  }
  await bob.asks("/@ eve psst", "Private message to eve: psst");
  await bob.asks("/join #lobby", "You are in #lobby.", /^Users/);
  await bob.types("here I may");
  await eve.readsInTurn("Private message from bob: psst", "bob: here I may");
  await ann.reads("#lobby bob: here I may");
  await ann.asks(
    "/bans",
    "In force (1):",
    new RegExp(`^  \\d+  bob is muted in #den until ${UTC} by ann: drums$`),
  );
  await ann.asks("/unmute bob", "bob is muted no longer.");
  await ann.asks("/unmute bob", "No such name, address or number is muted in #den. /bans lists them.");
  await bob.asks("/join #den", "You are in #den.", /^Users/);
  await bob.types("and here");
  await ann.reads("bob: and here");
});

Deno.test("a ban of the room's staff holds over reconnect and restart, in that room alone", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  await meetIn("den", ann, bob);
  const outcome = new RegExp(`^bob is banned from #den until ${UTC}\\.$`);
  await ann.asks("/ban bob 1d too loud", "bob has left #den.", outcome);
  await bob.readsInTurn("You were kicked from #den by ann: too loud", "bob has left #den.");
  const banned = new RegExp(`^You are banned from #den until ${UTC}: too loud\\.$`);
  await bob.asks("/join #den", banned);
  await bob.types("the lobby is fine");
  await ann.reads("#lobby bob: the lobby is fine");
  await server.restart();
  const [owner, again] = [await server.member("ann"), await server.member("bob")];
  await again.reads("bob: the lobby is fine");
  await again.asks("/join #den", banned);
  await owner.readsInTurn("bob: the lobby is fine", "bob has joined the chat.");
  await owner.asks("/join #den", "You are in #den.", /^Users/);
  await owner.asks("/unban bob", "bob is banned no longer.");
  await meetAgain("den", again, owner);
});

Deno.test("the staff has no power over its owner, over each other, over the server's staff and outside", async () => {
  await using server = await startServer(...UNLIMITED);
  const [owner, mod, other, eve] = await server.members("owner", "mod", "other", "eve");
  const mona = await server.moderator("mona");
  await meetIn("den", owner, mod, other, eve, mona);
  for (const name of ["mod", "other"]) {
    await owner.types(`/mod ${name}`);
    for (const person of [owner, mod, other, eve, mona]) {
      await person.reads(`#den: ${name} is a moderator of the room now.`);
    }
  }
  for (const deed of ["/kick", "/mute", "/ban"]) {
    for (const name of ["owner", "other", "mod", "mona"]) await mod.asks(`${deed} ${name}`, MAY_NOT);
    for (const name of ["owner", "mona"]) await owner.asks(`${deed} ${name}`, MAY_NOT);
    for (const name of ["mod", "owner"]) await eve.asks(`${deed} ${name}`, MAY_NOT);
  }
  await mod.asks("/ban 203.0.113.7", MAY_NOT);
  await mod.asks("/ban nobody4821", MAY_NOT);
  await mod.asks("/join #lobby", "You are in #lobby.", /^Users/);
  for (
    const deed of ["/kick eve", "/mute eve", "/ban eve", "/unban eve", "/unmute eve", "/bans", "/delete 1"]
  ) {
    await mod.asks(deed, MAY_NOT);
  }
  await owner.asks("/kick mod", "mod has left #den.", "mod was kicked.");
});

Deno.test("what a room's staff has decided the server's moderators can take back there", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  const mona = await server.moderator("mona");
  await meetIn("den", ann, bob, mona);
  await ann.asks("/mute bob", new RegExp(`^bob is muted in #den until ${UTC}\\.$`));
  await bob.reads(/^You were muted in #den/);
  await mona.asks("/unmute bob", "bob is muted no longer.");
  await ann.asks("/ban bob", "bob has left #den.", "bob is banned from #den.");
  await mona.reads("bob has left #den.");
  await mona.asks("/bans", "In force (1):", /^ +\d+ +bob is banned in #den by ann\.$/);
  await mona.asks("/unban bob", "bob is banned no longer.");
});

Deno.test("/keep says how long messages stay; the owner may shorten that", async () => {
  await using server = await startServer(...UNLIMITED, "--keep=30d");
  const [ann, bob] = await server.members("ann", "bob");
  await meetIn("den", ann, bob);
  await bob.asks("/keep", "Messages in #den are kept for 30 days.");
  await bob.asks("/keep 7d", MAY_NOT);
  await ann.asks("/keep 2w", "Messages in #den are kept for 14 days.");
  await ann.asks("/keep 31d", "This server keeps messages for 30 days; a room may only shorten that.");
  for (const line of ["/keep 1h", "/keep for ever", "/keep -1d", "/keep 0d"]) {
    await ann.asks(line, "Use: /keep [<days>d|default]");
  }
  await bob.asks("/keep", "Messages in #den are kept for 14 days.");
  await ann.asks("/keep default", "Messages in #den are kept for 30 days.");
});

/** Lets people join a room one after the other; the first makes it. Each reads of the next. */
async function meetIn(room: string, ...people: readonly Person[]): Promise<void> {
  for (const [index, person] of people.entries()) {
    await person.catchesUp();
    await person.asks(`/join #${room}`, `You are in #${room}.`, /^Users/);
    for (const earlier of people.slice(0, index)) {
      await earlier.readsUntil(`${person.name} has joined #${room}.`);
    }
  }
}

/** Lets somebody join a room once more, where another reads of it. */
async function meetAgain(room: string, back: Person, there: Person): Promise<void> {
  await back.types(`/join #${room}`);
  await back.readsUntil(`You are in #${room}.`);
  await there.readsUntil(`${back.name} has joined #${room}.`);
}
