import { z } from "zod";
import { mayActOn } from "../../../accounts/roles.ts";
import { connectionNotFound, mayNot } from "../../../refusals.ts";
import type { Connected } from "../../../session/sessions.ts";
import type { ConnectionRow } from "../../../wire/admin_types.ts";
import { quotable } from "../../../wire/printable.ts";
import { connectionRow } from "../../connection_rows.ts";
import { type Caller, memberRoute } from "../../route.ts";
import { count, done, moment, shapeOf, ulid } from "../../shapes.ts";
import { actorOf } from "./_actor.ts";
import { badLimit, firstOf, listQuery, readWanted } from "./_list.ts";

const LENGTHS = { usual: 1_000, most: 1_000 };

const MOST_SENTENCE = 200;

const connection = shapeOf<ConnectionRow>("Connection", {
  id: z.string(),
  name: z.string().describe('The name in chat; "" for somebody who is not in yet.'),
  account: ulid.nullable().describe("null for guests."),
  role: z.enum(["guest", "member", "moderator", "admin"]),
  by: z.string().describe("How they came in: `token`, `password`, `guest name` …"),
  how: z.string().describe(
    "`TLS`, `plain` or `WebSocket`; with `, JSON` where it is spoken over a raw socket.",
  ),
  address: z.string(),
  tls: z.string().describe('"" where it is not known or there is none.'),
  since: moment,
  room: z.string().describe("The room that is looked at."),
  messages: count.describe("Said on this connection."),
  waiting_bytes: count.describe("Wait to be written."),
});

export const list = memberRoute({
  method: "GET",
  path: "/admin/api/connections",
  scope: "admin",
  role: "moderator",
  summary: "Who is connected, in the order of the ids.",
  query: z.object(listQuery(LENGTHS)),
  answers: z.object({ connections: z.array(connection), more: z.boolean() }),
  refuses: [badLimit(LENGTHS)],
  async run({ parts: { admin }, query }) {
    const { after = "", limit } = readWanted(query, LENGTHS);
    const later = Array.from(admin.sessions).filter(({ id }) => id > after);
    later.sort((one, other) => one.id < other.id ? -1 : 1);
    const { first, more } = await firstOf(later, limit);
    return { connections: first.map(connectionRow), more };
  },
});

export const disconnect = memberRoute({
  method: "DELETE",
  path: "/admin/api/connections/:id",
  scope: "admin",
  role: "moderator",
  summary: "Ends a connection; moderators those of people below them, and their own.",
  body: z.object({
    sentence: z.string().optional().describe("What is told last; who has done it, where it is left out."),
  }),
  badBody: "sentence is a text, and may be left out.",
  answers: done,
  example: {
    params: { id: "0b0c5f0e-6f5c-4d0b-9a52-4f5f3a1f2b11" },
    body: { sentence: "Please come again when the load test is over." },
  },
  refuses: [connectionNotFound()],
  async run(call, caller) {
    const { parts: { admin, hub }, params } = call;
    const connection = admin.sessions.find(params.id ?? "");
    if (connection === undefined) throw connectionNotFound();
    checkMayDisconnect(caller, connection);
    const whom = connection.present?.name ?? connection.address;
    const sentence = quotable(call.body.sentence ?? "", MOST_SENTENCE);
    await hub.moderation.record(actorOf(call, caller), { what: "disconnect", whom, why: sentence });
    connection.end(sentence || `You were disconnected by ${caller.account.name}.`, "kicked");
    return { message: `${whom} is disconnected.` };
  },
});

/** @throws {Refusal} `may_not` */
function checkMayDisconnect({ account }: Caller, { present }: Connected): void {
  if (present?.account === account.id) return;
  if (!mayActOn(account.role, present?.role ?? "guest")) throw mayNot();
}
