import { userNotFound } from "../refusals.ts";
import type { Bus } from "./bus.ts";
import type { Direct } from "./event.ts";
import { type Ids, timeOf } from "./ids.ts";
import { Mailbox } from "./mailbox.ts";
import type { Member, Person } from "./member.ts";
import type { MessageLog } from "./message_log.ts";
import type { Roster } from "./roster.ts";

/** Who may be written to while away. */
export interface Directory {
  /** The account that answers to this name, written in any case. */
  findByName(name: string): Promise<{ readonly id: string; readonly name: string } | undefined>;
}

/** How a private message went. */
export interface Delivery {
  readonly direct: Direct;
  /** Not here: it waits until the account returns. */
  readonly waits: boolean;
  /** The recipient's word on being away. */
  readonly away: string | undefined;
}

/** What people say to each other alone. */
export class Correspondence {
  /** What waits for those who are away. */
  readonly mailbox: Mailbox;
  #roster: Roster;
  #bus: Bus;
  #log: MessageLog;
  #directory: Directory;
  #ids: Ids;

  constructor(parts: { roster: Roster; bus: Bus; log: MessageLog; directory: Directory; ids: Ids }) {
    this.mailbox = new Mailbox(parts.log);
    this.#roster = parts.roster;
    this.#bus = parts.bus;
    this.#log = parts.log;
    this.#directory = parts.directory;
    this.#ids = parts.ids;
  }

  /**
   * Says something privately, to somebody present or to an account that is away.
   *
   * @param from.origin The id of the listener that it came from; "" for none.
   * @throws {Refusal} `user_not_found`, `not_stored`, `mailbox_full`
   */
  async send(from: { person: Person; origin: string }, toName: string, text: string): Promise<Delivery> {
    const { person, origin } = from;
    const present = this.#roster.find(toName);
    const away = present === undefined ? await this.#directory.findByName(toName) : undefined;
    const recipient = present ?? away;
    if (recipient === undefined) throw userNotFound(toName);
    const id = this.#ids.next();
    const direct: Direct = {
      type: "direct",
      id,
      from: person.name,
      to: recipient.name,
      fromKey: person.key,
      toKey: present?.key ?? away!.id,
      text,
      at: timeOf(id),
    };
    await this.#log.appendDirect(direct, { waiting: present === undefined });
    const here = this.#hearing(direct.toKey);
    if (here === undefined && present?.guest) throw userNotFound(direct.to);
    const told = here === undefined ? direct : { ...direct, toKey: here.key }; // of a guest who is a member by now
    this.#bus.publish(told, origin); // nothing is awaited before: all is told in the order of the ids
    const waits = await this.#settle(told, { before: present, here });
    return { direct: told, waits, away: here?.away };
  }

  /** Who has this name, and by which key what was said with them is kept. */
  async find(name: string): Promise<{ key: string; name: string } | undefined> {
    const present = this.#roster.find(name);
    if (present !== undefined) return present;
    const account = await this.#directory.findByName(name);
    return account && { key: account.id, name: account.name };
  }

  /**
   * Makes sure that a message waits for those who are away, and for nobody else: its recipient may have come or gone
   * while it was being kept.
   *
   * @returns Whether it waits.
   * @throws {Refusal} `not_stored`, `mailbox_full`
   */
  async #settle(
    direct: Direct,
    { before, here }: { before: Member | undefined; here: Member | undefined },
  ): Promise<boolean> {
    if (here !== undefined) {
      if (before === undefined) await this.mailbox.told(direct);
      return false;
    }
    if (before !== undefined) await this.#log.appendDirect(direct, { waiting: true });
    return before === undefined || !await this.#tellWhoIsBack(direct);
  }

  /** Whoever went while a message was being kept may have come back before it waited. */
  async #tellWhoIsBack(direct: Direct): Promise<boolean> {
    const back = this.#hearing(direct.toKey);
    if (back === undefined || back.ignores(direct.from)) return false;
    back.lastCorrespondent = direct.from;
    for (const listener of back.listeners) listener.deliver(direct);
    await this.mailbox.told(direct);
    return true;
  }

  /** Whoever is leaving is present a moment longer than able to hear. */
  #hearing(key: string): Member | undefined {
    const member = this.#roster.findByKey(key);
    return member?.hears ? member : undefined;
  }
}
