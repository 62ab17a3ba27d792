import { ACCOUNT_ROLES } from "../accounts/roles.ts";
import {
  type InvitationTerms,
  MOST_INVITATION_DAYS,
  MOST_USES,
  USUAL_INVITATION,
} from "../accounts/invitations.ts";
import { roomName } from "../chat/room_name.ts";
import { invitationRow } from "../http/invitation_row.ts";
import type { InvitationRow } from "../wire/admin_types.ts";
import { type CliCommand, type Given, readNumber, readRole } from "./command.ts";
import { OPERATOR, recordDeed } from "./deed.ts";
import { ADDRESS_UNKNOWN, pagesUrl } from "./pages.ts";
import { recordsIn } from "./records.ts";
import { minuteText, print, printTable, say } from "./terminal.ts";

export const invite: CliCommand = {
  words: ["invite"],
  takes: "",
  help: "Invites somebody to make an account, by a link and a code; quote the # of a room, for the shell.",
  flags: { role: ACCOUNT_ROLES.join("|"), room: "#ROOM", uses: "N", days: "N" },
  count: [0, 0],
  async run(given) {
    const terms = termsIn(given);
    const origin = await pagesUrl(given);
    await using records = await recordsIn(given.dataDir);
    const { invitations } = records;
    const made = await invitations.make(
      { name: OPERATOR, role: "admin" },
      terms,
      (deed) => recordDeed(records, deed),
    );
    const row = await invitationRow(made, { invitations, origin: origin ?? "" });
    if (given.json) return print(JSON.stringify(row, null, 2));
    for (const line of linesOf(row)) print(line);
    if (origin === undefined) print(ADDRESS_UNKNOWN);
  },
};

export const list: CliCommand = {
  words: ["invite", "list"],
  takes: "",
  help: "Lists the invitations, the newest first, with who has come by them.",
  flags: {},
  count: [0, 0],
  async run(given) {
    const origin = await pagesUrl(given) ?? "";
    await using records = await recordsIn(given.dataDir);
    const { invitations } = records;
    const all = await invitations.list();
    const rows = await Promise.all(all.map((each) => invitationRow(each, { invitations, origin })));
    if (given.json) return print(JSON.stringify(rows, null, 2));
    printTable(HEADINGS, rows.map(cellsOf), given);
  },
};

export const revoke: CliCommand = {
  words: ["invite", "revoke"],
  takes: "<id>",
  help: "Ends an invitation; who has come by it stays.",
  flags: {},
  count: [1, 1],
  async run(given) {
    await using records = await recordsIn(given.dataDir);
    const { id } = await records.invitations.get(given.args[0]!);
    await recordDeed(records, { what: "revoke invitation", whom: id, why: "" });
    await records.invitations.revoke(id);
    say(given, `Invitation ${id} has ended`);
  },
};

/** @throws {UsageError | Refusal} */
function termsIn({ flags }: Given): InvitationTerms {
  const { role, uses, days } = USUAL_INVITATION;
  const room = flags.get("room");
  return {
    role: readRole(flags.get("role") ?? role),
    room: room === undefined ? undefined : roomName(room),
    uses: readNumber(flags.get("uses") ?? `${uses}`, { flag: "uses", most: MOST_USES }),
    days: readNumber(flags.get("days") ?? `${days}`, { flag: "days", most: MOST_INVITATION_DAYS }),
  };
}

/** For whoever passes it on. */
function linesOf({ url, code, role, room, uses, expires_at }: InvitationRow): string[] {
  const who = uses === 1 ? "One person" : `${uses} people`;
  const place = room === null ? "" : `, with a place in #${room}`;
  return [
    `Link  ${url}`,
    `Code  ${code}`,
    "",
    `${who} may make an account by it until ${minuteText(new Date(expires_at))}, as ${role}${place}.`,
    "A browser opens the link. At a terminal, /signup <username> asks for the code.",
  ];
}

const HEADINGS = ["id", "code", "state", "role", "room", "used", "expires", "by", "who came"];

function cellsOf(row: InvitationRow): string[] {
  const { id, code, role, room, uses, used_by, expires_at, by } = row;
  const came = used_by.map(({ name, at }) => `${name} (${minuteText(new Date(at))})`).join(", ");
  const used = `${used_by.length} of ${uses}`;
  return [id, code, stateOf(row), role, room === null ? "" : `#${room}`, used, expires_at, by, came];
}

function stateOf({ open, revoked, uses, used_by }: InvitationRow): string {
  if (open) return "open";
  if (revoked) return "revoked";
  return used_by.length >= uses ? "used up" : "expired";
}
