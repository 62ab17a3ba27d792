/** What Parley promises (contract, section 5), and what is asked of a server that runs for long. */
export const PROMISES = {
  kept: "an acknowledged message or account is never lost",
  private: "nobody reads what was not addressed to them",
  own: "nobody speaks under another's name",
  order: "everyone in a room sees its messages in one order, once",
  undisturbed: "one client cannot slow, garble or disconnect another",
  harmless: "no byte that one person types can drive another person's terminal",
  revoked: "what was ended by a revoked token or a ban stays ended",
  flat: "memory and descriptors stay flat",
  sound: "the server has no defect",
} as const;

export type PromiseName = keyof typeof PROMISES;

/** Something that must never happen has happened. */
export class BrokenPromise extends Error {
  constructor(readonly promise: PromiseName, sentence: string) {
    super(sentence);
    this.name = "BrokenPromise";
  }
}
