import { type Signal, signal } from "@preact/signals";
import type { DirectMessage } from "../../server/wire/json_types.ts";

/** With whom one writes. */
export interface Conversation {
  readonly with: string;
  /** The last message; "" where none was written yet. */
  readonly lastId: string;
}

/** So many are listed, as the server does. */
const MOST = 100;

/** With whom the reader has written, who wrote or was written to last at the top. */
export class Conversations {
  readonly all: Signal<readonly Conversation[]> = signal([]);

  /** What the server knows is added to what has happened on this page. */
  learn(known: readonly { readonly with: string; readonly last: DirectMessage }[]): void {
    const all = new Map(this.all.value.map((conversation) => [conversation.with, conversation]));
    for (const { with: name, last } of known) {
      if ((all.get(name)?.lastId ?? "") < last.id) all.set(name, { with: name, lastId: last.id });
    }
    this.all.value = newestFirst([...all.values()]);
  }

  /** Something was written, or is about to be. */
  touch(name: string, lastId: string): void {
    const known = this.all.value.find((conversation) => conversation.with === name);
    if (known !== undefined && known.lastId >= lastId) return;
    const others = this.all.value.filter((conversation) => conversation !== known);
    this.all.value = newestFirst([{ with: name, lastId }, ...others]);
  }

  remove(name: string): void {
    this.all.value = this.all.value.filter((conversation) => conversation.with !== name);
  }
}

/** One that has just been opened, without a message, stands at the top. */
function newestFirst(conversations: readonly Conversation[]): readonly Conversation[] {
  const key = ({ lastId }: Conversation) => lastId || "~";
  return conversations.toSorted((one, other) => key(one) > key(other) ? -1 : 1).slice(0, MOST);
}
