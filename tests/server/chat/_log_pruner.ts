import type { MessageLog } from "../../../server/chat/message_log.ts";
import type { Pruner } from "../../../server/chat/pruner.ts";

/** Forgets what is in a log, two messages a part; of private messages it only notes what is asked of it. */
export class LogPruner implements Pruner {
  /** Before what private messages were to go. */
  readonly directsBefore: string[] = [];
  /** Told of each part before it goes. */
  onPart: () => void = () => {};
  #log: MessageLog;

  constructor(log: MessageLog) {
    this.#log = log;
  }

  async *room(room: string, before: string): AsyncGenerator<number> {
    for (;;) {
      const { messages } = await this.#log.page(room, { after: "", before, limit: 2 });
      if (messages.length === 0) return;
      this.onPart();
      for (const { id } of messages) await this.#log.remove(room, id);
      yield messages.length;
    }
  }

  async *directs(before: string): AsyncGenerator<number> {
    this.directsBefore.push(before);
    yield 0;
    yield 3;
  }
}
