import type { CommandCounts } from "../commands/counts.ts";
import type { WayIn } from "./stage.ts";

/** What is counted in sessions since the start; whoever counts only ever adds. */
export interface SessionCounts extends CommandCounts {
  /** What has come over connections, whatever it is; after decryption. */
  receivedBytes: number;
  /** A message was told so long after its line was read. */
  toldAfter(ms: number): void;
  /** Somebody has tried to come in. */
  tried(by: WayIn, accepted: boolean): void;
  /** Something was refused, by the refusal's code. */
  refused(code: string): void;
}
