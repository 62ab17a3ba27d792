/**
 * Forgets what was said long ago. That may be very much, so it goes part by part: whoever asks for the next part sets the
 * pace.
 */
export interface Pruner {
  /**
   * Forgets what was said in a room before an id, the oldest first.
   *
   * @param options.thorough So that nothing of it can be read in the files any more; it takes twice as long.
   * @returns How many messages went, in each part.
   * @throws {Refusal} `not_stored`
   */
  room(room: string, before: string, options?: { thorough?: boolean }): AsyncIterable<number>;

  /**
   * Forgets the private messages from before an id, but for those that still wait for somebody. Both sides have one of
   * each, and each counts.
   *
   * @returns How many went, in each part; there may be parts in which none did.
   * @throws {Refusal} `not_stored`
   */
  directs(before: string): AsyncIterable<number>;
}
