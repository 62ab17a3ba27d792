import { Lost, Refused } from "../support/json_client.ts";
import type { Link } from "./link.ts";
import { saidIn } from "./ears.ts";
import { MOST_LINKS, PASSWORD, type Person } from "./people.ts";
import { posts, says, types, writes } from "./speaking.ts";
import { evil } from "./texts.ts";
import { HOMES, OPEN_ROOMS, pause } from "./town.ts";

/** Something that people do. */
export interface Deed {
  readonly name: string;
  /** How often, compared with others. */
  readonly weight: number;
  /** Whether this person can do that now. */
  may(person: Person): boolean;
  /** @throws {Refused | Lost} */
  run(person: Person): Promise<void>;
}

const MOST_DENS = 6, MOST_NEWCOMERS = 40, MOST_IGNORED = 3;

/** How long a connection may go on whose token was revoked: a second, and what a busy machine takes. */
const REVOKED_MS = 1_000, GRACE_MS = 500;

export const DEEDS: readonly Deed[] = [
  { name: "says something", weight: 30, may: hasProgram, run: saysSomewhere },
  {
    name: "types something",
    weight: 20,
    may: hasTerminal,
    run: (person) => types(person, terminalOf(person)),
  },
  { name: "writes privately", weight: 14, may: isHere, run: writesToSomebody },
  { name: "posts over HTTP", weight: 3, may: hasToken, run: postsSomewhere },
  { name: "joins a room", weight: 4, may: hasProgram, run: joinsRoom },
  { name: "goes to a room", weight: 2, may: hasTerminal, run: goesToRoom },
  {
    name: "leaves a room",
    weight: 2,
    may: (person) => hasProgram(person) && person.rooms.size > 0,
    run: leavesRoom,
  },
  { name: "makes a private room", weight: 0.6, may: mayMakeDen, run: makesDen },
  { name: "invites", weight: 1.5, may: ownsDen, run: invites },
  { name: "sends out of a room", weight: 0.6, may: ownsDen, run: sendsOut },
  { name: "quiets a room", weight: 0.6, may: ownsDen, run: quiets },
  { name: "knocks at a private room", weight: 2, may: hasProgram, run: knocks },
  { name: "reads history", weight: 2, may: hasProgram, run: readsHistory },
  {
    name: "reads history at a terminal",
    weight: 1,
    may: hasTerminal,
    run: (person) => terminalOf(person).types("/history 20"),
  },
  { name: "searches", weight: 1, may: hasProgram, run: searches },
  { name: "looks around", weight: 2, may: isHere, run: looksAround },
  {
    name: "takes a new name",
    weight: 0.7,
    may: (person) => hasProgram(person) && mayRename(person),
    run: takesName,
  },
  { name: "tries another's name", weight: 0.7, may: hasProgram, run: triesName },
  {
    name: "ignores somebody",
    weight: 0.7,
    may: (person) => hasProgram(person) && person.ignored.size < MOST_IGNORED,
    run: ignores,
  },
  {
    name: "hears somebody again",
    weight: 0.8,
    may: (person) => hasProgram(person) && person.ignored.size > 0,
    run: hearsAgain,
  },
  { name: "types what drives terminals", weight: 1, may: hasTerminal, run: typesEvil },
  {
    name: "comes by one more connection",
    weight: 4,
    may: (person) => person.hasAccount && person.links.length < MOST_LINKS,
    run: comesIn,
  },
  { name: "is gone without a word", weight: 2, may: isHere, run: vanishes },
  { name: "goes with a word", weight: 1.5, may: isHere, run: leaves },
  {
    name: "stops reading",
    weight: 0.7,
    may: (person) => person.live.length > 1 && hasProgram(person),
    run: stalls,
  },
  {
    name: "reads on",
    weight: 3,
    may: (person) => person.links.some(({ isStalled }) => isStalled),
    run: readsOn,
  },
  {
    name: "signs up a friend",
    weight: 0.3,
    may: (person) => person.hasAccount && person.town.newcomers.length < MOST_NEWCOMERS,
    run: signsUpFriend,
  },
  { name: "logs in", weight: 0.5, may: hasToken, run: logsIn },
  { name: "mistypes a password", weight: 0.3, may: hasToken, run: mistypes },
  {
    name: "revokes a token",
    weight: 1,
    may: (person) => hasToken(person) && hasProgram(person),
    run: revokesToken,
  },
  { name: "sends garbage", weight: 0.7, may: isHere, run: sendsGarbage },
  { name: "kicks", weight: 2, may: (person) => person.isModerator && hasProgram(person), run: kicks },
  {
    name: "bans",
    weight: 2,
    may: (person) => person.isModerator && hasProgram(person) && !person.town.banned,
    run: bans,
  },
  {
    name: "lifts a ban",
    weight: 12,
    may: (person) => person.isModerator && hasProgram(person) && !!person.town.banned,
    run: unbans,
  },
];

/** Whoever is away can do nothing but come. */
export const COMING: Deed = { name: "comes in", weight: 1, may: () => true, run: comesIn };

function isHere(person: Person): boolean {
  return person.live.length > 0;
}

function hasProgram(person: Person): boolean {
  return person.live.some(({ mode }) => mode === "json");
}

function hasTerminal(person: Person): boolean {
  return person.live.some(({ mode }) => mode === "text");
}

function hasToken(person: Person): boolean {
  return person.token !== undefined;
}

function terminalOf(person: Person): Link {
  return person.chance.oneOf(person.live.filter(({ mode }) => mode === "text"))!;
}

/** Somebody else who has been here, wherever that one is now. */
function somebodyElse(person: Person, which: (other: Person) => boolean = () => true): Person | undefined {
  return person.chance.oneOf(
    person.town.people.filter((other) =>
      other !== person && (other.hasAccount || other.live.length > 0) && which(other)
    ),
  );
}

/** Runs a command of text mode. @throws {Refused | Lost} */
async function commands(link: Link, text: string, answer: "ack" | "notice", room?: string): Promise<string> {
  const message = await link.client.asks({ type: "command", text, room }, answer);
  return message.type === "notice" ? message.text : "";
}

async function comesIn(person: Person): Promise<void> {
  await person.comesIn();
}

async function saysSomewhere(person: Person): Promise<void> {
  const link = person.program!;
  const room = person.chance.oneOf(["lobby", "lobby", ...person.rooms])!;
  for (let count = person.chance.happens(0.2) ? 6 : 1; count > 1; count--) {
    void says(person, { link, room }).catch((error) => isExpected(error, person));
  }
  await says(person, { link, room });
}

async function writesToSomebody(person: Person): Promise<void> {
  const link = person.chance.oneOf(person.live)!;
  const to = somebodyElse(person);
  if (to !== undefined) await writes(person, { link, to });
}

async function postsSomewhere(person: Person): Promise<void> {
  const to = somebodyElse(person, (other) => other.hasAccount);
  if (person.chance.happens(0.5) && to !== undefined) await posts(person, { person: to });
  else await posts(person, { room: "lobby" });
}

async function joinsRoom(person: Person): Promise<void> {
  const room = person.chance.oneOf([...HOMES, ...OPEN_ROOMS])!;
  await joins(person, person.program!, room);
}

async function joins(person: Person, link: Link, room: string): Promise<void> {
  const { town: { watch }, id } = person;
  watch.sees({ type: "asks to join", person: id, room });
  try {
    await link.client.asks({ type: "join", room }, "roster");
  } catch (error) {
    if (error instanceof Refused) watch.sees({ type: "is kept out", person: id, room });
    throw error;
  }
  watch.sees({ type: "is in", person: id, room });
  if (room !== "lobby" && id === person.id) person.rooms.add(room);
}

async function goesToRoom(person: Person): Promise<void> {
  const room = person.chance.oneOf(HOMES)!;
  person.town.watch.sees({ type: "asks to join", person: person.id, room });
  const [line] = await terminalOf(person).asks(
    `/join #${room}`,
    /^(?:You are in #|The server could not store|You are banned|Something went wrong).*/,
  );
  if (!line.startsWith("You are in")) throw new Refused(line.includes("store") ? "not_stored" : line, line);
  if (room !== "lobby") person.rooms.add(room);
}

async function leavesRoom(person: Person): Promise<void> {
  const { town: { watch }, id } = person;
  const room = person.chance.oneOf([...person.rooms].filter((name) => !HOMES.some((home) => home === name)));
  if (room === undefined) return;
  watch.sees({ type: "asks to leave", person: id, room });
  try {
    await person.program!.client.asks({ type: "leave", room }, "ack");
  } catch (error) {
    if (error instanceof Refused) watch.sees({ type: "stays", person: id, room });
    if (error instanceof Refused && ["not_in_room", "no_such_room"].includes(error.code)) {
      person.rooms.delete(room);
    }
    throw error;
  }
  watch.sees({ type: "is out", person: id, room });
  person.rooms.delete(room);
}

function mayMakeDen(person: Person): boolean {
  return person.hasAccount && hasProgram(person) && person.town.dens.size < MOST_DENS;
}

function ownsDen(person: Person): boolean {
  return hasProgram(person) && denOf(person) !== undefined;
}

function denOf(person: Person): string | undefined {
  const own = [...person.town.dens].filter(([, owner]) => owner === person);
  return person.chance.oneOf(own)?.[0];
}

async function makesDen(person: Person): Promise<void> {
  const { town } = person;
  const link = person.program!;
  const room = `den${town.watch.moment}`;
  await joins(person, link, room);
  await commands(link, "/private on", "ack", room);
  town.watch.sees({ type: "is private", room, owner: person.id });
  town.dens.set(room, person);
}

async function invites(person: Person): Promise<void> {
  const room = denOf(person)!;
  const guest = somebodyElse(person);
  if (guest === undefined) return;
  person.town.watch.sees({ type: "invites", room, person: guest.id });
  await commands(person.program!, `/invite ${guest.name}`, "notice", room);
  const link = guest.program;
  if (link !== undefined && person.chance.happens(0.7)) await joins(guest, link, room);
}

async function sendsOut(person: Person): Promise<void> {
  const { town: { watch } } = person;
  const room = denOf(person)!;
  const target = somebodyElse(person, (other) => other.rooms.has(room));
  if (target === undefined) return;
  const { id } = target;
  watch.sees({ type: "asks to leave", person: id, room });
  try {
    await commands(person.program!, `/kick ${target.name}`, "notice", room);
  } catch (error) {
    if (error instanceof Refused) watch.sees({ type: "stays", person: id, room });
    throw error;
  }
  watch.sees({ type: "is out", person: id, room });
  target.rooms.delete(room);
}

async function quiets(person: Person): Promise<void> {
  const room = denOf(person)!;
  await commands(person.program!, `/quiet ${person.chance.happens(0.4) ? "on" : "off"}`, "ack", room);
}

/** Tries to get into somebody else's room, to read what was said there, and to find it. */
async function knocks(person: Person): Promise<void> {
  const link = person.program!;
  const room = person.chance.oneOf([...person.town.dens.keys()]);
  if (room === undefined) return;
  if (person.chance.happens(0.3)) return await joins(person, link, room);
  await readsWhere(person, link, { room });
}

async function readsHistory(person: Person): Promise<void> {
  const other = somebodyElse(person, ({ hasAccount }) => hasAccount);
  const where = person.chance.happens(0.4) && other !== undefined
    ? { with: other.name }
    : { room: person.chance.oneOf([...HOMES, ...OPEN_ROOMS])! };
  await readsWhere(person, person.program!, where);
}

async function readsWhere(
  person: Person,
  link: Link,
  where: { room: string } | { with: string },
): Promise<void> {
  const { town: { watch }, id, chance } = person;
  const askedAt = watch.moment;
  const { messages } = await link.client.asks(
    { type: "history", limit: chance.between(1, 300), ...where },
    "history",
  );
  watch.sees({ type: "reads", person: id, said: messages.map(saidIn), askedAt });
}

/** Looks for something that was said of late, be it where this person may read or not. */
async function searches(person: Person): Promise<void> {
  const { town, id, chance } = person;
  const number = chance.between(Math.max(1, town.said - 200), Math.max(1, town.said));
  const askedAt = town.watch.moment;
  const words = chance.happens(0.7) ? `m${number}` : "coffee friday";
  const { messages } = await person.program!.client.asks({ type: "search", words, limit: 100 }, "found");
  town.watch.sees({ type: "reads", person: id, said: messages.map(saidIn), askedAt });
}

async function looksAround(person: Person): Promise<void> {
  const link = person.chance.oneOf(person.live)!;
  const name = somebodyElse(person)?.name ?? "nobody";
  if (link.mode === "text") {
    return await link.types(person.chance.oneOf(["/u", "/rooms", `/whois ${name}`, "/help", "/limits"])!);
  }
  const ask = person.chance.oneOf([
    () => link.client.asks({ type: "who" }, "roster"),
    () => link.client.asks({ type: "rooms" }, "rooms"),
    () => link.client.asks({ type: "conversations" }, "conversations"),
    () => link.client.asks({ type: "ignored" }, "ignored"),
    () => commands(link, `/whois ${name}`, "notice"),
  ]);
  await ask!();
}

function mayRename(person: Person): boolean {
  return person.hasAccount && !person.isModerator;
}

async function takesName(person: Person): Promise<void> {
  const name = `${person.username}-${person.chance.oneOf(["a", "b", "c", "d"])}`;
  person.town.watch.sees({ type: "asks for name", person: person.id, name });
  await commands(person.program!, `/name ${name}`, "ack");
  person.name = name;
}

/** Tries to be called as somebody else is, or as nobody may. */
async function triesName(person: Person): Promise<void> {
  const { town } = person;
  const other = somebodyElse(person, ({ hasAccount }) => hasAccount);
  const name = person.chance.oneOf([other?.name, other?.username?.toUpperCase(), "admin", "server"]) ??
    "lobby";
  await commands(person.program!, `/name ${name}`, "ack");
  if (["admin", "server", "lobby"].includes(name)) throw new RangeError(`${person.id} is called ${name}`);
  town.watch.sees({ type: "asks for name", person: person.id, name }); // the oracle knows whose it is
}

async function ignores(person: Person): Promise<void> {
  const { town: { watch }, id } = person;
  const name = somebodyElse(person, ({ isModerator }) => !isModerator)?.name;
  if (name === undefined) return;
  watch.sees({ type: "asks to ignore", person: id, name });
  await commands(person.program!, `/ignore ${name}`, "notice");
  watch.sees({ type: "ignores", person: id, name });
  person.ignored.add(name);
}

async function hearsAgain(person: Person): Promise<void> {
  const { town: { watch }, id } = person;
  const name = person.chance.oneOf([...person.ignored])!;
  watch.sees({ type: "asks to hear", person: id, name });
  await commands(person.program!, `/unignore ${name}`, "notice");
  watch.sees({ type: "hears", person: id, name });
  person.ignored.delete(name);
}

async function typesEvil(person: Person): Promise<void> {
  const lines = ["/away", "/whois", "/ignore", "/unknown", "/help", "/topic", "/search"];
  await terminalOf(person).types(`${person.chance.oneOf(lines)} ${evil(person.chance)}`);
}

function vanishes(person: Person): Promise<void> {
  person.chance.oneOf(person.links)?.vanishes();
  return Promise.resolve();
}

async function leaves(person: Person): Promise<void> {
  const link = person.chance.oneOf(person.live)!;
  link.mayEnd();
  if (link.mode === "text") await link.types(".exit");
  else void link.client.asks({ type: "command", text: "/exit" }, "ack").catch(() => {});
  await Promise.race([link.ended, pause(5_000)]);
  link.vanishes();
}

/** Asks for much, and reads none of it. */
function stalls(person: Person): Promise<void> {
  const link = person.program!;
  if (link.door.endsWith("ws")) return Promise.resolve(); // what comes over a WebSocket is always read
  if (person.town.banned === person) return Promise.resolve(); // it would not see that it was ended
  link.mayEnd();
  link.stalls();
  for (let count = 0; count < 60; count++) {
    void link.client.asks({ type: "history", room: "lobby", limit: 1_000 }, "history").catch(() => {});
  }
  return Promise.resolve();
}

function readsOn(person: Person): Promise<void> {
  const link = person.links.find(({ isStalled }) => isStalled)!;
  if (person.chance.happens(0.5)) link.readsOn();
  else link.vanishes();
  return Promise.resolve();
}

async function signsUpFriend(person: Person): Promise<void> {
  const { town } = person;
  const username = `friend${town.newcomers.length + 1}of${person.username}`;
  await town.signsUp(username);
  town.newcomers.push(username);
}

async function logsIn(person: Person): Promise<void> {
  await person.town.logsIn(person.username!);
}

async function mistypes(person: Person): Promise<void> {
  const { status } = await person.town.calls("/login", {
    body: { username: person.username, password: `${PASSWORD}!` },
  });
  if (status === 200) throw new RangeError(`${person.id} came in with a wrong password`);
}

/** Issues a token, comes in by it, revokes it, and has to be out. */
async function revokesToken(person: Person): Promise<void> {
  const { town, chance } = person;
  const main = person.program!;
  const text = await commands(main, "/tokens new soak", "notice");
  const token = text.split("\n").at(-1)!;
  const id = JSON.parse(atob(token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/"))).jti;
  const door = chance.oneOf(["text over tls", "json", "json over ws"] as const)!;
  const link = await town.opens(person, { door, way: { token } });
  person.links.push(link);
  await pause(chance.between(0, 300));
  link.mayEnd();
  if (chance.happens(0.5)) await commands(main, `/tokens revoke ${id}`, "notice");
  else {
    const { status, body } = await town.calls(`/me/tokens/${id}`, { method: "DELETE", token: person.token });
    if (status !== 200) throw new Refused(`HTTP ${status}`, String(body.message));
  }
  const byMs = performance.now() + REVOKED_MS + GRACE_MS;
  town.watch.sees({ type: "must end", connection: link.id, because: "its token was revoked", byMs });
  const attempt = town.opens(person, { door: "json", way: { token } });
  const code = await attempt.then(
    (in_) => (in_.vanishes(), undefined),
    (error) => error instanceof Refused ? error.code : "lost",
  );
  if (code === undefined) throw new RangeError(`${person.id} came in by a revoked token`);
}

async function sendsGarbage(person: Person): Promise<void> {
  const { town: { server }, chance } = person;
  const listener = chance.oneOf(["tls", "plain", "https", "http"] as const)!;
  const conn = await Deno.connect(server.address(listener)).catch(() => undefined);
  if (conn === undefined) return;
  try {
    const bytes = Uint8Array.from({ length: chance.between(0, 2_000) }, () => chance.between(0, 255));
    if (listener === "plain") makeNobodysName(bytes);
    await conn.write(bytes);
    await pause(chance.between(0, 500));
  } catch {
    // it was closed already
  } finally {
    conn.close();
  }
}

/** Lets no line of it be a name: somebody would come in by that, and say all the rest. */
function makeNobodysName(bytes: Uint8Array): void {
  for (const index of bytes.keys()) {
    if (index === 0 || bytes[index - 1] === 0x0a) bytes[index] = 0x21; // "!"
  }
}

/** Sends somebody out of the chat. */
async function kicks(person: Person): Promise<void> {
  const target = somebodyElse(person, (other) => other.live.length > 0);
  if (target !== undefined) {
    await sendsAway(target, () => commands(person.program!, `/kick ${target.name}`, "notice", "lobby"));
  }
}

async function bans(person: Person): Promise<void> {
  const { town } = person;
  const target = somebodyElse(person, (other) => other.hasAccount);
  if (target === undefined) return;
  town.banned = target;
  await sendsAway(target, async () => {
    await commands(person.program!, `/ban ${target.name} 1d`, "notice", "lobby");
    town.watch.sees({ type: "bans", person: target.id });
    const byMs = performance.now() + REVOKED_MS + GRACE_MS;
    for (const { id } of target.live) { // who does not read does not see the end
      town.watch.sees({ type: "must end", connection: id, because: "this person was banned", byMs });
    }
  });
}

async function sendsAway(target: Person, deed: () => Promise<unknown>): Promise<void> {
  const { town } = target;
  town.unwanted.add(target);
  for (const link of target.links) link.mayEnd();
  try {
    await deed();
  } finally {
    town.unwanted.delete(target);
  }
}

async function unbans(person: Person): Promise<void> {
  const { town } = person;
  const target = town.banned!;
  town.watch.sees({ type: "asks to unban", person: target.id });
  try {
    await commands(person.program!, `/unban ${target.name}`, "notice", "lobby");
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "not_banned") throw error;
  }
  town.banned = undefined;
}

/**
 * Whether something may have gone wrong, as it does where people are refused or lose their connection.
 *
 * @throws what may not
 */
export function isExpected(error: unknown, { town }: Person): void {
  if (error instanceof Lost) return;
  if (error instanceof Refused) {
    town.watch.countsRefusal(error.code);
    const ofMachine = ["not_stored", "HTTP 503", "HTTP 507", "search_busy"].includes(error.code);
    const ofDisk = ["defect", "HTTP 500"].includes(error.code); // the database is being opened again
    if (ofDisk ? town.feels("disk") : !ofMachine || town.isTroubled) return;
  }
  town.watch.breaks(error);
}
