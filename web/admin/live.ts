import { signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ConnectionRow, LiveMessage, Sample, Samples, Status } from "../../server/wire/admin_types.ts";
import { isGivenUp } from "../entrance/confirmation.ts";
import { sentenceOf } from "../shared/sentence.ts";
import { History } from "./history.ts";

/** A server that sends its status every second and is silent for so long is out of reach. */
const SILENCE_MS = 15_000;

const FIRST_PAUSE_MS = 500;
const MOST_PAUSE_MS = 15_000;

/** How it stands with the line to the server; "stopped" where the password was not given again. */
export type LiveState = "opening" | "open" | "lost" | "stopped";

/** How a line has ended. */
interface Ending {
  /** Whether anything came over it. */
  readonly opened: boolean;
  /** A sentence of the server; "" where it could not say anything. */
  readonly reason: string;
}

/** What the server says of itself as it happens. A line that breaks is opened again, for as long as it is followed. */
export class Live {
  readonly state = signal<LiveState>("opening");
  /** Why the line is lost, as a sentence; "" where nobody has said. */
  readonly reason = signal("");
  readonly status = signal<Status | undefined>(undefined);
  /** The last hour, oldest first. */
  readonly samples = signal<readonly Sample[]>([]);
  /** undefined until the server has said. */
  readonly connections = signal<readonly ConnectionRow[] | undefined>(undefined);
  #soon: (draw: () => void) => void;
  #rows = new Map<string, ConnectionRow>();
  #rowsWait = false;
  #history: History | undefined;

  /** @param soon When the connections are drawn that have changed: many messages in a row are drawn as one. */
  constructor(soon: (draw: () => void) => void = (draw) => void requestAnimationFrame(draw)) {
    this.#soon = soon;
  }

  /**
   * Follows until the signal aborts, or the password is wanted again and not given.
   *
   * @param past What has been until now, fetched each time before the line is opened; undefined for those who may not
   * know. It tells whether they may look at all, which a WebSocket cannot.
   */
  async follow(past: () => Promise<Samples | undefined>, signal: AbortSignal): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    this.state.value = "opening";
    while (!signal.aborted) {
      try {
        this.#begin(await past());
        if (signal.aborted) return;
        const { opened, reason } = await this.#hear(signal);
        if (opened) pauseMs = FIRST_PAUSE_MS;
        this.reason.value = reason;
      } catch (error) {
        if (isGivenUp(error)) {
          this.state.value = "stopped";
          return;
        }
        this.reason.value = sentenceOf(error);
      }
      if (signal.aborted) return;
      this.state.value = "lost";
      await pause(pauseMs * (0.5 + Math.random()), signal);
      pauseMs = Math.min(2 * pauseMs, MOST_PAUSE_MS);
    }
  }

  take(message: LiveMessage): void {
    if (message.type === "status") {
      this.status.value = message;
      this.#history?.add(message.now);
      if (this.#history !== undefined) this.samples.value = this.#history.samples;
      return;
    }
    if (message.reset) this.#rows.clear();
    for (const id of message.gone) this.#rows.delete(id);
    for (const row of message.changed) this.#rows.set(row.id, row);
    if (this.#rowsWait) return;
    this.#rowsWait = true;
    this.#soon(() => {
      this.#rowsWait = false;
      this.connections.value = [...this.#rows.values()];
    });
  }

  #begin(samples: Samples | undefined): void {
    this.#history = samples && new History(samples);
    this.samples.value = samples?.samples ?? [];
  }

  /** Takes what comes over one line until it ends. */
  #hear(signal: AbortSignal): Promise<Ending> {
    const { promise, resolve } = Promise.withResolvers<Ending>();
    const socket = new WebSocket("/admin/api/live");
    const end = () => socket.close();
    let silence: ReturnType<typeof setTimeout> | undefined;
    let opened = false;
    socket.onmessage = ({ data }) => {
      const message: LiveMessage = JSON.parse(data);
      opened = true;
      this.state.value = "open";
      this.take(message);
      if (message.type !== "status") return;
      clearTimeout(silence);
      silence = setTimeout(end, SILENCE_MS);
    };
    socket.onclose = ({ reason }) => {
      clearTimeout(silence);
      signal.removeEventListener("abort", end);
      resolve({ opened, reason });
    };
    signal.addEventListener("abort", end);
    return promise;
  }
}

/** What the page that a component is drawn on hears from the server. */
export function useLive(): Live {
  return useContext(LiveOfPage)!;
}

export const LiveOfPage = createContext<Live | undefined>(undefined);

/** Settles after so long, or when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(end, ms);
  function end(): void {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    resolve();
  }
  signal.addEventListener("abort", end);
  return promise;
}
