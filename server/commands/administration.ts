import { ACCOUNT_ROLES, type AccountRole } from "../accounts/roles.ts";
import { notice } from "../chat/event.ts";
import { LOCKDOWN_MODES, type LockdownMode } from "../chat/lockdown.ts";
import { mayNot, userNotFound } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import { endMinute, minuteOf } from "./_sentences.ts";
import { command, type Context } from "./command.ts";
import * as measures from "./measures.ts";
import { actor } from "./power.ts";

/** How many deeds `/audit` shows, and at most. */
const USUAL_DEEDS = 20, MOST_DEEDS = 200;

export const announce = command({
  name: "announce",
  group: "Moderation",
  usage: "<text>",
  help: "Tells everybody something in the server's name.",
  role: "moderator",
  fromText: (rest) => rest === "" ? undefined : { text: rest },
  run: (context, { text }) => measures.announce(context.hub, actor(context), text),
});

export const op = command({
  name: "op",
  group: "Moderation",
  usage: "<name> [moderator|admin|member]",
  help: "Gives an account a role: moderator where nothing is said.",
  role: "admin",
  fromText: readRole,
  run: (context, { name, role }) => giveRole(context, name, role),
});

export const deop = command({
  name: "deop",
  group: "Moderation",
  usage: "<name>",
  help: "Takes that back.",
  role: "admin",
  fromText: (rest) => /^\S+$/.test(rest) ? { name: rest } : undefined,
  run: (context, { name }) => giveRole(context, name, "member"),
});

export const lockdown = command({
  name: "lockdown",
  group: "Moderation",
  usage: `[<minutes> ${LOCKDOWN_MODES.join("|")} | off]`,
  help: "Closes the server for a while to what is flooding it, or says what is closed.",
  role: "admin",
  fromText: readLockdown,
  async run(context, wanted) {
    const { hub } = context;
    if (wanted === "ask") {
      const now = hub.moderation.lockdown;
      return notice(
        now === undefined
          ? "There is no lockdown."
          : `Lockdown ${now.mode} until ${endMinute(now.until)} UTC.`,
      );
    }
    if (wanted === "off") await measures.reopen(hub, actor(context));
    else await measures.lockDown(hub, actor(context), wanted);
  },
});

export const audit = command({
  name: "audit",
  group: "Moderation",
  usage: "[n]",
  help: "Shows what those with power have done, newest last.",
  role: "admin",
  fromText: (rest) =>
    rest === "" ? { count: USUAL_DEEDS } : /^\d{1,5}$/.test(rest) ? { count: Number(rest) } : undefined,
  async run({ audit }, { count }) {
    const deeds = await audit.latest(Math.max(1, Math.min(MOST_DEEDS, count)));
    const lines = deeds.reverse().map(({ at, who, what, whom, why, from }) =>
      `${minuteOf(at)} ${who} (${from}): ${[what, whom].join(" ").trim()}${why === "" ? "" : ` — ${why}`}`
    );
    return notice(...lines.length === 0 ? ["Nothing has been done yet."] : lines);
  },
});

async function giveRole(context: Context, name: string, role: AccountRole) {
  const { accounts, administration, member } = context;
  const account = await accounts.findByName(name);
  if (account === undefined) throw userNotFound(quotable(name));
  if (account.id === member.account) throw mayNot();
  await administration.setRole(actor(context), account.id, role);
  return notice(`${account.name} is ${role === "admin" ? "an admin" : `a ${role}`} now.`);
}

function readRole(rest: string): { name: string; role: AccountRole } | undefined {
  const [name, role = "moderator", ...more] = rest.split(/\s+/);
  const known = ACCOUNT_ROLES.find((other) => other === role.toLowerCase());
  return !name || known === undefined || more.length > 0 ? undefined : { name, role: known };
}

function readLockdown(rest: string): "ask" | "off" | { minutes: number; mode: LockdownMode } | undefined {
  if (rest === "") return "ask";
  if (rest.toLowerCase() === "off") return "off";
  const [, minutes, word] = /^(\d{1,6})\s+(\S+)$/.exec(rest) ?? [];
  const mode = LOCKDOWN_MODES.find((other) => other === word?.toLowerCase());
  return mode === undefined ? undefined : { minutes: Number(minutes), mode };
}
