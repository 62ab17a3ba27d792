import { backUp } from "./backup.ts";
import { DataDirectory } from "./data_directory.ts";

/** Asks for a backup of a data directory, into a file that does not exist. */
export interface BackupRequest {
  readonly dir: string;
  readonly file: string;
  readonly at: Date;
}

/** Why it was not made, for the operator; nothing where it was. */
export interface BackupAnswer {
  readonly failure?: string;
}

declare const self: {
  onmessage: (event: MessageEvent<BackupRequest>) => void;
  postMessage(answer: BackupAnswer): void;
};

self.onmessage = async ({ data: { dir, file, at } }) => {
  try {
    using directory = await DataDirectory.find(dir);
    await backUp(directory, file, { at });
    self.postMessage({});
  } catch (error) {
    self.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
};
