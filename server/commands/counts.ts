/** What is counted of commands since the start; whoever counts only ever adds. */
export interface CommandCounts {
  /** One was asked for, by its own name and not an alias. */
  ran(name: string): void;
}
