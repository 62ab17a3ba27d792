/** What is counted of the conversation since the start; whoever counts only ever adds. */
export interface ChatCounts {
  /** Said in rooms. */
  messages: number;
  /** Said privately. */
  directs: number;
  /** Events handed to connections and event streams, each one as often as there were readers. */
  deliveries: number;
}
