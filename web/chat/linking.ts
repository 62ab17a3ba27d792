import { signal } from "@preact/signals";
import type { LinkRequest } from "../../server/wire/web_types.ts";
import { call } from "../shared/call.ts";
import { sentenceOf } from "../shared/sentence.ts";

/** Letting a terminal in that waits with a code, step by step, as who is signed in. */
export class Linking {
  /** As it is typed. */
  readonly code = signal("");
  /** The terminal that waits; undefined until its code is given. */
  readonly request = signal<LinkRequest | undefined>(undefined);
  /** What has become of it, as a sentence; undefined until that is decided. */
  readonly outcome = signal<string | undefined>(undefined);
  /** Why something could not be done. */
  readonly failure = signal<string | undefined>(undefined);
  readonly busy = signal(false);

  /** Begins anew. */
  begin(): void {
    this.code.value = "";
    this.request.value = undefined;
    this.outcome.value = undefined;
    this.failure.value = undefined;
  }

  look(): Promise<void> {
    return this.#attempt(async () => {
      this.request.value = await call<LinkRequest>("GET", `/link/${this.code.value}`);
    });
  }

  confirm(): Promise<void> {
    return this.#decide("POST");
  }

  refuse(): Promise<void> {
    return this.#decide("DELETE");
  }

  #decide(method: "POST" | "DELETE"): Promise<void> {
    return this.#attempt(async () => {
      const { message } = await call<{ message: string }>(method, `/link/${this.request.value!.code}`);
      this.outcome.value = message;
    });
  }

  async #attempt(deed: () => Promise<void>): Promise<void> {
    this.busy.value = true;
    try {
      await deed();
      this.failure.value = undefined;
    } catch (error) {
      this.failure.value = sentenceOf(error);
    } finally {
      this.busy.value = false;
    }
  }
}
