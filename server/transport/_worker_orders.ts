import type { ChatDoors } from "./chat_doors.ts";
import type { KeyPair, ListenerLimits } from "./listeners.ts";
import type { PostLimits } from "./outbox.ts";

/** What a worker goes by; the budget of its outboxes is its share. */
export type WorkerLimits = ListenerLimits & PostLimits;

/** What a worker is to do, beside what batches say. Each is answered, in the order in which they come. */
export type WorkerOrder =
  /** Comes first, and is done when the worker is ready for the rest. */
  | { readonly type: "be ready" }
  /** Lets people come. */
  | {
    readonly type: "listen";
    readonly addresses: ChatDoors["addresses"];
    readonly keys: KeyPair;
    readonly limits: WorkerLimits;
  }
  /** Presents another certificate to those who come from now on. */
  | { readonly type: "present"; readonly keys: KeyPair }
  /** Goes by other limits. */
  | { readonly type: "limit"; readonly limits: WorkerLimits }
  /** Lets nobody in any more, whose handshake is under way neither. */
  | { readonly type: "close" }
  /** Lets go of everything. */
  | { readonly type: "stop" };

/** What a worker says, beside what batches say. */
export type WorkerNews =
  | { readonly type: "done" }
  /** The order could not be carried out; the words are those of the error. */
  | { readonly type: "failed"; readonly because: string }
  | { readonly type: "accept fails"; readonly because: string }
  | { readonly type: "accepts again" }
  /** What was forgotten to be caught. */
  | { readonly type: "defect"; readonly because: string };
