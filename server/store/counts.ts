/** What is counted of the database since the start; whoever counts only ever adds. */
export interface CommitCounts {
  /** A commit is on the disk, so long after it was asked for. */
  committed(ms: number): void;
}

/** What is counted of the message log since the start. */
export interface GroupCounts {
  /** So many messages were committed together. */
  grouped(messages: number): void;
}
