import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { recallWish, rememberWish } from "./memory.ts";

const WISH = "notify";

/** Whether the reader looks at the page, and how to call a reader who does not. */
export class Attention implements Disposable {
  #looking: Signal<boolean> = signal(isLooking());
  #notifying: Signal<boolean> = signal(mayNotify() && recallWish(WISH));

  constructor() {
    for (const event of EVENTS) addEventListener(event, this.#look);
  }

  get looking(): ReadonlySignal<boolean> {
    return this.#looking;
  }

  /** The reader wants to be told by the system of what is for them. */
  get notifying(): ReadonlySignal<boolean> {
    return this.#notifying;
  }

  /** Changes whether; the browser may ask the reader first. */
  async wish(notify: boolean): Promise<void> {
    const granted = notify && "Notification" in globalThis &&
      await Notification.requestPermission() === "granted";
    rememberWish(WISH, granted);
    this.#notifying.value = granted;
  }

  /** Calls a reader who looks elsewhere, once for each place. */
  call(title: string, { body, place, onClick }: { body: string; place: string; onClick: () => void }): void {
    if (!this.#notifying.value || this.#looking.value) return;
    try {
      const notification = new Notification(title, { body, tag: `parley ${place}` });
      notification.onclick = () => {
        focus();
        notification.close();
        onClick();
      };
    } catch {
      this.#notifying.value = false; // some browsers let only a service worker notify
    }
  }

  [Symbol.dispose](): void {
    for (const event of EVENTS) removeEventListener(event, this.#look);
  }

  #look = (): void => {
    this.#looking.value = isLooking();
  };
}

const EVENTS = ["focus", "blur", "visibilitychange", "pageshow"] as const;

function isLooking(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

/** The title of the page: where one is, and how much waits for one. */
export function pageTitle(
  { place, server, calls, unread }: { place: string; server: string; calls: number; unread: boolean },
): string {
  const mark = calls > 0 ? `(${calls}) ` : unread ? "• " : "";
  return `${mark}${place.replace(/^@/, "")} · ${server}`;
}

function mayNotify(): boolean {
  return "Notification" in globalThis && Notification.permission === "granted";
}
