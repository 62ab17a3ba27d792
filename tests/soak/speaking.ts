import { Refused } from "../support/json_client.ts";
import type { Link } from "./link.ts";
import type { Person } from "./people.ts";
import { textOf } from "./texts.ts";

/** What people say, entered into the oracle's book as it goes out and as it is answered. */

/** Says something in a room, as a program does. @throws {Refused | Lost} */
export async function says(speaker: Person, { link, room }: { link: Link; room: string }): Promise<void> {
  const { sent, number, action } = begins(speaker, { connection: link.id, to: { room } });
  await settles(speaker, number, async () => {
    const { id } = await link.client.asks({ type: "say", room, text: sent, action }, "ack");
    return { id: id!, waits: false };
  });
}

/** Types something where one looks; what becomes of it is seen by others. @throws {Lost} */
export async function types(speaker: Person, link: Link): Promise<void> {
  const { sent, action } = begins(speaker, { connection: link.id, to: { room: link.looksAt }, typed: true });
  await link.types(action ? `/me ${sent}` : sent);
}

/** Writes to somebody. @throws {Refused | Lost} */
export async function writes(speaker: Person, { link, to }: { link: Link; to: Person }): Promise<void> {
  const typed = link.mode === "text";
  const { sent, number } = begins(speaker, {
    connection: link.id,
    to: { person: to.id },
    typed,
    quiet: true,
  });
  speaker.town.hasWritten(speaker, to);
  if (typed) return await link.types(`/@ ${to.name} ${sent}`);
  await settles(speaker, number, async () => {
    const { id, note } = await link.client.asks({ type: "direct", to: to.name, text: sent }, "ack");
    return { id: id!, waits: note?.includes("is offline") ?? false };
  });
}

/** Says or writes something over HTTP. @throws {Refused} */
export async function posts(speaker: Person, to: { room: string } | { person: Person }): Promise<void> {
  const meant = "room" in to ? to : { person: to.person.id };
  const { sent, number } = begins(speaker, { connection: undefined, to: meant, quiet: true });
  if ("person" in to) speaker.town.hasWritten(speaker, to.person);
  const path = "room" in to ? `/rooms/${to.room}/messages` : `/direct/${encodeURIComponent(to.person.name)}`;
  await settles(speaker, number, async () => {
    const { status, body } = await speaker.town.calls(path, { body: { text: sent }, token: speaker.token });
    if (status !== 200) throw new Refused(`HTTP ${status}`, String(body.message));
    return { id: String(body.id), waits: body.kept === true };
  });
}

interface Speech {
  readonly connection: number | undefined;
  readonly to: { room: string } | { person: string };
  /** As a line of its own: what would end it is left out. */
  readonly typed?: boolean;
  /** It is no action. */
  readonly quiet?: boolean;
}

function begins({ town, id, chance }: Person, { connection, to, typed = false, quiet = false }: Speech) {
  const number = town.nextNumber();
  const { sent, read } = textOf(number, chance);
  const action = !quiet && chance.happens(0.08);
  town.watch.sees({ type: "says", number, person: id, connection, to, text: read, action });
  return { number, action, sent: typed ? sent.replaceAll(/[\r\n]/g, "") : sent };
}

async function settles(
  { town: { watch, isTroubled } }: Person,
  number: number,
  send: () => Promise<{ id: string; waits: boolean }>,
): Promise<void> {
  const beganMs = performance.now();
  try {
    watch.sees({ type: "is kept", number, ...await send() });
    if (!isTroubled) watch.ackMs.push(performance.now() - beganMs);
  } catch (error) {
    if (error instanceof Refused) watch.sees({ type: "is refused", number, code: error.code });
    throw error;
  }
}
