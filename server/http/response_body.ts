import type { Sink } from "../transport/outbox.ts";

/** The body of a response that goes on: each write is done when the reader wants more. */
export class ResponseBody implements Sink {
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #written: PromiseWithResolvers<void> | undefined;
  #over = false;

  /** @param left Told when the reader has gone. */
  constructor(left: () => void) {
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#written?.resolve(),
      cancel: () => {
        this.#over = true;
        left();
      },
    }, { highWaterMark: 0 });
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.#written = Promise.withResolvers();
    this.#controller.enqueue(bytes);
    await this.#written.promise;
    return bytes.length;
  }

  /** Ends it after what was written. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller.close();
  }

  /** Breaks it off: the reader sees that something is missing. */
  break(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller.error(undefined); // `Deno.serve` would report anything else (http/server.ts)
  }
}
