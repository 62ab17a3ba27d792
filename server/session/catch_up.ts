import type { Answer, Direct } from "../chat/event.ts";
import type { Member } from "../chat/member.ts";
import type { SessionParts } from "./stage.ts";

/** How often is looked whether a reader has taken what was shown. */
const TAKEN_EVERY_MS = 5;

/** The connection of the account that has come in, as far as it matters here. */
interface Reader {
  readonly gone: boolean;
  /** Bytes that wait to be written. */
  readonly waitingBytes: number;
  show(answer: Answer): void;
  /** Tells of a private message as of any other event. */
  deliver(direct: Direct): void;
}

/**
 * Shows an account that has come in what came while it was away: first the private messages that waited, each of them
 * once, and then how much was said in its rooms.
 */
export class CatchUp {
  #member: Member;
  #reader: Reader;
  #parts: Pick<SessionParts, "mailbox" | "archive" | "report">;
  /** The ids of those that waited and were shown: one that came in that very moment is told as well. */
  #shown = new Set<string>();
  /** Private messages that have come while older ones are still being shown. */
  #heldBack: Direct[] | undefined = [];

  constructor(member: Member, reader: Reader, parts: Pick<SessionParts, "mailbox" | "archive" | "report">) {
    this.#member = member;
    this.#reader = reader;
    this.#parts = parts;
  }

  /** Answers when all is shown, or the reader is gone. Never fails. */
  async run(): Promise<void> {
    await this.#showWaiting().catch((error) => this.#parts.report.defect(error));
    this.#tellHeldBack();
    await this.#showMissed().catch((error) => this.#parts.report.defect(error));
  }

  /** Whether a private message must not be told now: it comes after those that wait, or was among them. */
  holdsBack(direct: Direct): boolean {
    this.#heldBack?.push(direct);
    return this.#heldBack !== undefined || this.#shown.has(direct.id);
  }

  #showWaiting(): Promise<void> {
    return this.#parts.mailbox.collect(this.#member, (part) => {
      if (this.#reader.gone) return Promise.resolve(false);
      for (const { id } of part.directs) this.#shown.add(id);
      this.#reader.show({ type: "waiting", ...part });
      this.#member.lastCorrespondent ??= part.directs.at(-1)!.from;
      return this.#isTaken();
    });
  }

  /** Answers when the reader has taken what was shown; false when that reader has gone before. */
  async #isTaken(): Promise<boolean> {
    while (!this.#reader.gone && this.#reader.waitingBytes > 0) {
      await new Promise((resolve) => setTimeout(resolve, TAKEN_EVERY_MS));
    }
    return !this.#reader.gone;
  }

  #tellHeldBack(): void {
    const held = this.#heldBack ?? [];
    this.#heldBack = undefined;
    for (const direct of held) this.#reader.deliver(direct);
  }

  async #showMissed(): Promise<void> {
    const missed = await this.#parts.archive.missedBy(this.#member);
    if (missed.length > 0 && !this.#reader.gone) this.#reader.show({ type: "missed", rooms: missed });
  }
}
