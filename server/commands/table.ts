import * as account from "./account.ts";
import * as administration from "./administration.ts";
import { Commands } from "./command.ts";
import * as history from "./history.ts";
import { mfa } from "./mfa.ts";
import * as moderation from "./moderation.ts";
import * as people from "./people.ts";
import * as rooms from "./rooms.ts";
import { signup } from "./sign_up.ts";
import * as talk from "./talk.ts";
import { tokens } from "./tokens.ts";
import * as view from "./view.ts";

/** All that a person may ask for, in the order of `/help`. */
export function allCommands(): Commands {
  return new Commands([
    talk.direct,
    talk.reply,
    talk.me,
    talk.sayIn,
    rooms.join,
    rooms.leave,
    rooms.rooms,
    rooms.topic,
    rooms.invite,
    rooms.makePrivate,
    rooms.quiet,
    rooms.mod,
    rooms.unmod,
    rooms.keep,
    history.history,
    history.conversations,
    history.search,
    history.missed,
    people.who,
    people.whois,
    people.away,
    people.ignore,
    people.unignore,
    view.timestamps,
    view.color,
    view.ids,
    view.json,
    view.motd,
    view.limits,
    view.ping,
    view.typed,
    view.help,
    signup,
    account.name,
    account.password,
    mfa,
    tokens,
    moderation.kick,
    moderation.mute,
    moderation.unmute,
    moderation.ban,
    moderation.unban,
    moderation.bans,
    history.remove,
    administration.announce,
    administration.op,
    administration.deop,
    administration.lockdown,
    administration.audit,
    account.logout,
    account.exit,
  ]);
}
