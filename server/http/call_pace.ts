import { tooManyCalls } from "../refusals.ts";
import { Pace, type Rate } from "../session/pace.ts";

/** How many accounts are remembered; who calls so seldom as to be forgotten has a whole burst again anyway. */
const MOST_ACCOUNTS = 10_000;

/** How fast an account may call, over all its tokens: as fast as one connection may give commands. */
export class CallPace {
  /** Account id → its pace, who called first at the beginning. */
  #paces = new Map<string, Pace>();

  /** @throws {Refusal} `too_many_calls` */
  admit(account: string, rate: Rate | "off", nowMs: number = performance.now()): void {
    if (rate === "off") return;
    const pace = this.#paces.get(account) ?? this.#begin(account, rate, nowMs);
    if (!pace.admits(rate, nowMs)) throw tooManyCalls(rate.perSecond);
  }

  #begin(account: string, rate: Rate, nowMs: number): Pace {
    const [oldest] = this.#paces.keys();
    if (this.#paces.size >= MOST_ACCOUNTS && oldest !== undefined) this.#paces.delete(oldest);
    const pace = new Pace(rate, nowMs);
    this.#paces.set(account, pace);
    return pace;
  }
}
