/** Asks a program that says nothing for a sign of life, and gives it up in the end. */
export class Liveness implements Disposable {
  #limits: { readonly pingMs: number; readonly silentMs: number };
  #do: { ping: () => void; silent: () => void };
  #heardAtMs = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    limits: { readonly pingMs: number; readonly silentMs: number },
    deeds: { ping: () => void; silent: () => void },
  ) {
    this.#limits = limits;
    this.#do = deeds;
    this.#wait(limits.pingMs);
  }

  /** Something has come. The timer is left as it is: it looks when it rings. */
  heard(): void {
    this.#heardAtMs = performance.now();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const { pingMs, silentMs } = this.#limits;
    const silentForMs = performance.now() - this.#heardAtMs;
    if (silentForMs >= silentMs) return this.#do.silent();
    if (silentForMs < pingMs) return this.#wait(pingMs - silentForMs);
    this.#do.ping();
    this.#wait(Math.min(pingMs, silentMs - silentForMs));
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#look(), ms);
  }
}
