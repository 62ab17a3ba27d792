import * as account from "./account.ts";
import { Commands } from "./command.ts";
import * as people from "./people.ts";
import * as talk from "./talk.ts";
import * as view from "./view.ts";

/** All that a person may ask for, in the order of `/help`. */
export function allCommands(): Commands {
  return new Commands([
    talk.direct,
    talk.reply,
    talk.me,
    people.who,
    people.whois,
    people.away,
    people.ignore,
    people.unignore,
    view.timestamps,
    view.color,
    view.limits,
    view.help,
    account.signup,
    account.name,
    account.password,
    account.tokens,
    account.logout,
    account.exit,
  ]);
}
