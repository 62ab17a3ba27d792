import { ChatListener, type KeyPair, type ListenerParts } from "./listeners.ts";
import type { WantedAddress } from "./ports.ts";

/** Where the doors are to be. */
export interface WantedDoors {
  readonly tls: WantedAddress | "off";
  readonly plain: WantedAddress | "off";
}

/** The doors by which people come who chat over raw sockets. */
export interface ChatDoors extends AsyncDisposable {
  /** Where they are; what is off is absent. */
  readonly addresses: { readonly tls?: Deno.NetAddr; readonly plain?: Deno.NetAddr };
  /** Presents another certificate to those who come from now on; nobody is disconnected. */
  useCertificate(keys: KeyPair): Promise<void>;
  /** Has everything go by the limits as they are now, for those who are connected as well. */
  tune(): void;
  /** Lets nobody in any more, whose handshake is under way neither; those who are connected stay. */
  close(): Promise<void>;
}

/** Doors in this isolate, with the sockets of all who have come. */
export class ChatListeners implements ChatDoors {
  #tls: ChatListener | undefined;
  #plain: ChatListener | undefined;

  private constructor() {}

  /** @throws {ListenError} */
  static async open(wanted: WantedDoors, parts: ListenerParts, keys: KeyPair): Promise<ChatListeners> {
    const doors = new ChatListeners();
    try {
      if (wanted.tls !== "off") doors.#tls = ChatListener.openTls(wanted.tls, parts, keys);
      if (wanted.plain !== "off") doors.#plain = ChatListener.openPlain(wanted.plain, parts);
    } catch (error) {
      await doors.close();
      throw error;
    }
    return doors;
  }

  get addresses(): ChatDoors["addresses"] {
    return {
      ...this.#tls && { tls: this.#tls.address },
      ...this.#plain && { plain: this.#plain.address },
    };
  }

  async useCertificate(keys: KeyPair): Promise<void> {
    await this.#tls?.useCertificate(keys);
  }

  tune(): void {
    for (const listener of this.#listeners) listener.tune();
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(); // all that was open is closed
  }

  get #listeners(): ChatListener[] {
    return [this.#tls, this.#plain].filter((listener) => listener !== undefined);
  }
}
