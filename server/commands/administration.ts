import { ACCOUNT_ROLES, type AccountRole } from "../accounts/roles.ts";
import { notice } from "../chat/event.ts";
import { LOCKDOWN_MODES, type LockdownMode } from "../chat/lockdown.ts";
import { mayNot, userNotFound } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import { actor } from "./_power.ts";
import { endMinute, minuteOf } from "./_sentences.ts";
import { command, type Context } from "./command.ts";

/** How many deeds `/audit` shows, and at most. */
const USUAL_DEEDS = 20, MOST_DEEDS = 200;

export const announce = command({
  name: "announce",
  group: "Moderation",
  usage: "<text>",
  help: "Tells everybody something in the server's name.",
  role: "moderator",
  fromText: (rest) => rest === "" ? undefined : { text: rest },
  async run(context, { text }) {
    await context.hub.moderation.record(actor(context), { what: "announce", whom: "", why: text });
    context.hub.announce(text);
  },
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
    const { hub, member } = context;
    const { moderation } = hub;
    if (wanted === "ask") {
      const now = moderation.lockdown;
      return notice(
        now === undefined
          ? "There is no lockdown."
          : `Lockdown ${now.mode} until ${endMinute(now.until)} UTC.`,
      );
    }
    if (wanted === "off") {
      await moderation.endLockdown(actor(context));
      return hub.announce("The lockdown is over.");
    }
    const { mode, until } = await moderation.lockDown(actor(context), wanted);
    hub.announce(`Lockdown by ${member.name} until ${endMinute(until)} UTC: ${mode}.`);
    if (mode === "accounts-only") sendGuestsAway(context);
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

function sendGuestsAway({ hub }: Context): void {
  for (const { guest, listeners } of [...hub.roster.members]) {
    if (!guest) continue;
    for (const listener of [...listeners]) {
      listener.end("Only accounts are admitted for now; come again later.", "kicked");
    }
  }
}

async function giveRole(context: Context, name: string, role: AccountRole) {
  const { hub, accounts, member } = context;
  const account = await accounts.findByName(name);
  if (account === undefined) throw userNotFound(quotable(name));
  if (account.id === member.account) throw mayNot();
  await hub.moderation.record(actor(context), { what: "role", whom: account.name, why: role });
  await accounts.setRole(account.id, role);
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
