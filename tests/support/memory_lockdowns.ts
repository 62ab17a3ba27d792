import type { Lockdown, LockdownStore } from "../../server/chat/lockdown.ts";
import { notStored } from "../../server/refusals.ts";

/** Keeps a lockdown without a disk. */
export class MemoryLockdowns implements LockdownStore {
  /** While true, nothing can be changed. */
  failing = false;
  #lockdown: Lockdown | undefined;

  find(): Promise<Lockdown | undefined> {
    return Promise.resolve(this.#lockdown);
  }

  put(lockdown: Lockdown): Promise<void> {
    return this.#set(lockdown);
  }

  remove(): Promise<void> {
    return this.#set(undefined);
  }

  #set(lockdown: Lockdown | undefined): Promise<void> {
    if (this.failing) return Promise.reject(notStored());
    this.#lockdown = lockdown;
    return Promise.resolve();
  }
}
