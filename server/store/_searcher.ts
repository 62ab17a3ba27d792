import { startWorker } from "../start_worker.ts";
import type { Found } from "./_search_database.ts";
import type { SearchAnswer, SearchChange, SearchRequest } from "./_search_worker.ts";

/** The worker that has the search index, as the rest of the server sees it. */
export class Searcher {
  #worker: Worker;
  /** Those who wait for an answer, in the order in which they asked. */
  #waiting: PromiseWithResolvers<SearchAnswer>[] = [];
  #stopped = false;

  /**
   * @param died Called once if the worker ends by itself.
   * @throws {Error} where it cannot be started
   */
  constructor(died: (reason: Error) => void) {
    // `deno compile` cannot see this import: it is told with --include
    this.#worker = startWorker(new URL("./_search_worker.ts", import.meta.url));
    this.#worker.onmessage = ({ data }: MessageEvent<SearchAnswer>) => this.#waiting.shift()?.resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault(); // otherwise it would end the whole server
      this.stop();
      died(new Error(`The search worker has died: ${event.message}`));
    };
  }

  /** It has died or been stopped. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Has the worker open the index, if it has not yet.
   *
   * @returns The id up to which everything is in the index.
   * @throws {Error} as all that follow, when it was not done.
   */
  async open(path: string, { anew }: { anew: boolean }): Promise<string> {
    const answer = await this.#ask({ type: "open", path, anew });
    return "known" in answer ? answer.known : "";
  }

  async find(query: { words: string; places: string[]; limit: number }): Promise<Found[]> {
    const answer = await this.#ask({ type: "find", ...query });
    return "found" in answer ? answer.found : [];
  }

  async change(change: SearchChange): Promise<void> {
    await this.#ask(change);
  }

  /** Closes the file, so that nothing of it is left to be done at the next start. */
  async close(): Promise<void> {
    await this.#ask({ type: "close" });
  }

  /** What has not been answered fails. */
  stop(): void {
    this.#stopped = true;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.splice(0)) reject(stopped());
  }

  async #ask(request: SearchRequest): Promise<Exclude<SearchAnswer, { failure: string }>> {
    if (this.#stopped) throw stopped();
    const waiting = Promise.withResolvers<SearchAnswer>();
    this.#waiting.push(waiting);
    this.#worker.postMessage(request);
    const answer = await waiting.promise;
    if ("failure" in answer) throw new Error(`Cannot ${request.type} in the search index: ${answer.failure}`);
    return answer;
  }
}

function stopped(): Error {
  return new Error("Cannot ask the search worker: it has stopped");
}
