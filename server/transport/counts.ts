/** What is counted since the start at one door for connections; whoever counts only ever adds. */
export interface DoorCounts {
  /** Connections that were let in, their handshake done. */
  opened: number;
  /** Those of them that have gone again. */
  closed: number;
  /** One was not let in, by the code of the refusal or what it failed to do. */
  refused(reason: string): void;
}

/** What is counted since the start of all that is written to readers. */
export interface PostCounts {
  /** Taken by the system, or by Deno for it; before encryption. */
  writtenBytes: number;
  /** Readers that were closed because too much waited for them. */
  tooSlow: number;
  /** Readers that were closed because a write made no progress. */
  stalled: number;
}
