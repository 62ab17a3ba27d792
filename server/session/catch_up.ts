import type { Answer, Direct, LeaveReason } from "../chat/event.ts";
import type { Member } from "../chat/member.ts";
import { pause } from "../pause.ts";
import { Refusal } from "../refusals.ts";
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
  /** Ends the connection with a last sentence. */
  end(sentence: string, reason: LeaveReason): void;
}

type CatchUpParts = Pick<SessionParts, "mailbox" | "archive" | "report" | "settings">;

/**
 * Shows an account that has come in what came while it was away: first the private messages that waited, each of them
 * once, and then how much was said in its rooms.
 */
export class CatchUp {
  #member: Member;
  #reader: Reader;
  #parts: CatchUpParts;
  /** The ids of those that waited and were shown: one that came in that very moment is told as well. */
  #shown = new Set<string>();
  /** Private messages that have come while older ones are still being shown. */
  #heldBack: Direct[] | undefined = [];
  /** How long the texts of those are together. */
  #heldCharacters = 0;

  constructor(member: Member, reader: Reader, parts: CatchUpParts) {
    this.#member = member;
    this.#reader = reader;
    this.#parts = parts;
  }

  /** Answers when all is shown, or the reader is gone. Never fails. */
  async run(): Promise<void> {
    await this.#showWaiting().catch((error) => this.#failed(error));
    await this.#tellHeldBack().catch((error) => this.#failed(error));
    await this.#showMissed().catch((error) => this.#failed(error));
  }

  /**
   * Whether a private message must not be told now: it comes after those that wait, or was among them. Who lets more
   * pile up by that than may wait for a slow reader is one (contract, 2.2).
   */
  holdsBack(direct: Direct): boolean {
    if (this.#heldBack === undefined) return this.#shown.has(direct.id);
    this.#heldBack.push(direct);
    this.#heldCharacters += direct.text.length;
    if (this.#heldCharacters > this.#parts.settings.limits.outboxBytes) {
      this.#reader.end("You read too slowly; connect again.", "too slow");
    }
    return true;
  }

  /** What the disk would not keep waits for the next time; why is in the log already. */
  #failed(error: unknown): void {
    if (!(error instanceof Refusal)) this.#parts.report.defect(error);
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
      await pause(TAKEN_EVERY_MS);
    }
    return !this.#reader.gone;
  }

  /** Where nobody is left to be told, it waits for the next time. */
  async #tellHeldBack(): Promise<void> {
    const held = this.#heldBack ?? [];
    this.#heldBack = undefined;
    if (!this.#reader.gone) return held.forEach((direct) => this.#reader.deliver(direct));
    const theirs = held.filter(({ toKey }) => toKey === this.#member.key);
    if (!this.#member.hears) await this.#parts.mailbox.putBack(theirs);
  }

  async #showMissed(): Promise<void> {
    const missed = await this.#parts.archive.missedBy(this.#member);
    if (missed.length > 0 && !this.#reader.gone) this.#reader.show({ type: "missed", rooms: missed });
  }
}
