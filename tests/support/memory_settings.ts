import { notStored } from "../../server/refusals.ts";
import type { SettingStore } from "../../server/setting_store.ts";

/** Keeps settings without a disk. */
export class MemorySettings implements SettingStore {
  /** While true, nothing can be changed. */
  failing = false;
  readonly kept = new Map<string, string>();

  constructor(kept: Readonly<Record<string, string>> = {}) {
    for (const [flag, value] of Object.entries(kept)) this.kept.set(flag, value);
  }

  all(): Promise<Map<string, string>> {
    return Promise.resolve(new Map(this.kept));
  }

  change(changes: ReadonlyMap<string, string | null>): Promise<void> {
    if (this.failing) return Promise.reject(notStored());
    for (const [flag, value] of changes) {
      if (value === null) this.kept.delete(flag);
      else this.kept.set(flag, value);
    }
    return Promise.resolve();
  }
}
