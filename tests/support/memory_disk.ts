import { notStored } from "../../server/refusals.ts";

/**
 * What all that is kept in memory has in common: commits, one behind the other. They can be held up, so that a test
 * settles what happens meanwhile, and can be made to fail.
 */
export class MemoryDisk {
  /** While true, every commit fails. */
  failing = false;
  /** The commits so far, one behind the other. */
  #committed: Promise<unknown> = Promise.resolve();
  #held: PromiseWithResolvers<void> | undefined;

  /** Commits from now on wait for {@link release}. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  protected commit<Result>(keep: () => Result): Promise<Result> {
    const held = this.#held?.promise;
    const done = this.#committed.then(() => held).then(() => {
      if (this.failing) throw notStored();
      return keep();
    });
    this.#committed = done.catch(() => {});
    return done;
  }
}
