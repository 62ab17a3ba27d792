import { type Refusal, tooManyCalls } from "../refusals.ts";
import { Pace, type Rate } from "../session/pace.ts";

/** How many accounts are remembered; who calls so seldom as to be forgotten has a whole burst again anyway. */
const MOST_ACCOUNTS = 10_000;

/** How fast an account may call or say something, over all its tokens: as fast as one connection may. */
export class CallPace {
  #refusal: (perSecond: number) => Refusal;
  /** Account id → its pace, who called first at the beginning. */
  #paces = new Map<string, Pace>();

  /** @param refusal What is told to those who are too fast. */
  constructor(refusal: (perSecond: number) => Refusal = tooManyCalls) {
    this.#refusal = refusal;
  }

  /** @throws {Refusal} as it was made for. */
  admit(account: string, rate: Rate | "off", nowMs: number = performance.now()): void {
    if (rate === "off") return;
    const pace = this.#paces.get(account) ?? this.#begin(account, rate, nowMs);
    if (!pace.admits(rate, nowMs)) throw this.#refusal(rate.perSecond);
  }

  #begin(account: string, rate: Rate, nowMs: number): Pace {
    const [oldest] = this.#paces.keys();
    if (this.#paces.size >= MOST_ACCOUNTS && oldest !== undefined) this.#paces.delete(oldest);
    const pace = new Pace(rate, nowMs);
    this.#paces.set(account, pace);
    return pace;
  }
}
