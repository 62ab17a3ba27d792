import { Book } from "./_book.ts";
import { People } from "./_people.ts";
import { Rooms } from "./_rooms.ts";
import { BrokenPromise } from "./broken_promise.ts";
import type { Happening } from "./happening.ts";

/** What drives a terminal: the control characters but for tab, marks and overrides of direction, separators of lines. */
// deno-lint-ignore no-control-regex
const DRIVING = /[\0-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** With these an account that exists is told that it does not. */
const UNKNOWN = ["wrong_credentials", "token_not_valid", "account_disabled"];

/**
 * Whoever knows all that happens between people and a server, and says so where it may not be.
 *
 * What is asked for and not answered may have been done or not, and what crosses on its way may come in any order: it is
 * said only of what is certain. So whatever it says is true, and what it does not say may still be wrong.
 */
export class Oracle {
  #people = new People();
  #rooms = new Rooms();
  #book = new Book(this.#people, this.#rooms);
  #moment = 0;
  #checks = 0;

  /** How many happenings there were. */
  get moment(): number {
    return this.#moment;
  }

  /** How many looks were taken at whether something is as it must be. */
  get checks(): number {
    return this.#checks + this.#book.checks;
  }

  /** @throws {BrokenPromise} */
  sees(happening: Happening): void {
    const at = this.#moment++;
    switch (happening.type) {
      case "has account":
        return this.#people.hasAccount(happening);
      case "opens":
        return this.#people.opens(happening, at);
      case "enters":
        return this.#enters(happening, at);
      case "may end":
        return this.#people.mayEnd(happening);
      case "must end":
        return this.#people.mustEnd(happening);
      case "ends":
        this.#people.ends(happening, at);
        return this.#book.forget(happening.connection);
      case "time passes":
        return this.#people.timePasses(happening);
      case "server ends":
        this.#people.serverEnds(at);
        this.#rooms.serverEnds();
        return this.#book.serverEnds();
      case "disk is full":
        return this.#book.diskIsFull(at);
      case "asks for name":
        return this.#people.takesName(happening);
      case "asks to join":
        return this.#rooms.asksToJoin(happening.person, happening.room);
      case "is in":
        return this.#rooms.isIn(happening.person, happening.room, at);
      case "is kept out":
        return this.#rooms.isKeptOut(happening.person, happening.room, at);
      case "asks to leave":
        return this.#rooms.asksToLeave(happening.person, happening.room);
      case "is out":
        return this.#rooms.isOut(happening.person, happening.room, at);
      case "stays":
        return this.#rooms.stays(happening.person, happening.room);
      case "is private":
        return this.#rooms.isPrivate(happening.room, happening.owner);
      case "invites":
        return this.#rooms.invites(happening.room, happening.person);
      case "asks to ignore":
        return this.#rooms.asksToIgnore(happening.person, happening.name, at);
      case "ignores":
        return this.#rooms.believes(happening.person, happening.name, { is: "yes", since: at });
      case "asks to hear":
        return this.#rooms.believes(happening.person, happening.name, { is: "maybe", since: at });
      case "hears":
        return this.#rooms.believes(happening.person, happening.name, { is: "no", since: at });
      case "bans":
        return this.#people.bans(happening, at);
      case "asks to unban":
        return this.#people.unbans(happening);
      case "says":
        return this.#book.says(happening, at);
      case "is kept":
        return this.#book.isKept(happening, at);
      case "is refused":
        return this.#book.isRefused(happening);
      case "is told":
        return this.#book.isTold(happening, at);
      case "reads":
        return this.#book.reads(happening, at);
      case "is shown":
        return this.#isShown(happening);
      case "looks at":
        return this.#book.looksAt(happening, at);
      case "is up to date": {
        const connection = this.#people.connections.get(happening.connection);
        return connection && this.#book.isUpToDate(connection, at);
      }
      case "tries to log in":
        return this.#triesToLogIn(happening);
    }
  }

  #enters(happening: Extract<Happening, { type: "enters" }>, at: number): void {
    this.#checks++;
    const { connection, person, rooms } = happening;
    this.#people.enters(happening, at);
    const askedAt = this.#people.connections.get(connection)?.openedAt ?? at;
    this.#rooms.enters(person, { rooms: this.#people.isAccount(person) ? rooms : undefined, askedAt, at });
  }

  #isShown({ connection, text }: Extract<Happening, { type: "is shown" }>): void {
    this.#checks++;
    if (!DRIVING.test(text)) return;
    throw new BrokenPromise("harmless", `Connection ${connection} was sent ${JSON.stringify(text)}.`);
  }

  #triesToLogIn({ person, code }: Extract<Happening, { type: "tries to log in" }>): void {
    this.#checks++;
    if (code === undefined || !UNKNOWN.includes(code)) return;
    throw new BrokenPromise("kept", `${person} has an account, and was refused: ${code}.`);
  }
}
