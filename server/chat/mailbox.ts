import type { Direct } from "./event.ts";
import type { Member } from "./member.ts";
import type { MessageLog } from "./message_log.ts";

/** What is shown at a time holds at most so many characters: who reads slowly takes it in parts, and keeps up. */
const MOST_CHARACTERS = 32_768;

/** A part of what waits for somebody. */
export interface WaitingPart {
  /** Oldest first. */
  readonly directs: readonly Direct[];
  /** With the first part: how many there are in all. */
  readonly all: number | undefined;
}

/** The private messages that wait for accounts: each is shown once, to the first connection that can show it. */
export class Mailbox {
  #log: MessageLog;
  /** Account → the last look into its box, which the next one waits for. */
  #looking = new Map<string, Promise<void>>();
  /** The ids of messages that were told as they came, and may still be found waiting. */
  #told = new Set<string>();

  constructor(log: MessageLog) {
    this.#log = log;
  }

  /**
   * Hands over what waits for an account, oldest first, part by part; not what those wrote whom it ignores.
   *
   * @param show Answers whether it was shown; if not, that part and those after it go on waiting.
   */
  collect(
    reader: Pick<Member, "key" | "ignores">,
    show: (part: WaitingPart) => Promise<boolean>,
  ): Promise<void> {
    const before = this.#looking.get(reader.key) ?? Promise.resolve();
    const look = before.catch(() => {}).then(() => this.#look(reader, show));
    this.#looking.set(reader.key, look);
    return look.finally(() => {
      if (this.#looking.get(reader.key) === look) this.#looking.delete(reader.key);
    });
  }

  /** A message that waits has been told to its recipient, who came while it was being kept: it waits no longer. */
  async told(direct: Direct): Promise<void> {
    const { id, toKey } = direct;
    this.#told.add(id);
    try {
      await this.#log.shown(toKey, [direct]);
    } finally {
      const look = this.#looking.get(toKey) ?? Promise.resolve(); // it may have found the message before
      void look.catch(() => {}).then(() => this.#told.delete(id)); // the sender does not wait for a slow reader
    }
  }

  /**
   * What was told to somebody whose connection went before it was shown waits after all.
   *
   * @throws {Refusal} `not_stored`, `mailbox_full`
   */
  async putBack(directs: readonly Direct[]): Promise<void> {
    for (const direct of directs) await this.#log.appendDirect(direct, { waiting: true });
  }

  async #look(
    reader: Pick<Member, "key" | "ignores">,
    show: (part: WaitingPart) => Promise<boolean>,
  ): Promise<void> {
    const { key } = reader;
    const waiting = (await this.#log.waitingFor(key)).filter(({ id }) => !this.#told.has(id));
    const heard = waiting.filter(({ from }) => !reader.ignores(from));
    for (const [index, directs] of partsOf(heard).entries()) {
      if (!await show({ directs, all: index === 0 ? heard.length : undefined })) return;
      await this.#log.shown(key, directs);
    }
    const unheard = waiting.filter(({ from }) => reader.ignores(from));
    if (unheard.length > 0) await this.#log.shown(key, unheard);
  }
}

function partsOf(directs: readonly Direct[]): Direct[][] {
  const parts: Direct[][] = [];
  let room = 0;
  for (const direct of directs) {
    room -= direct.text.length;
    if (parts.length === 0 || room < 0) {
      parts.push([]);
      room = MOST_CHARACTERS - direct.text.length;
    }
    parts.at(-1)!.push(direct);
  }
  return parts;
}
