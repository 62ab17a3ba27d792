import type { Limits } from "./options.ts";
import { FILES_OF_WORKER } from "./start_worker.ts";
import type { Counts } from "./telemetry/counts.ts";
import type { Log } from "./telemetry/log.ts";
import { shareOfBudget } from "./transport/chat_workers.ts";
import { NativeHeap } from "./transport/native_heap.ts";
import { NativeSockets } from "./transport/native_sockets.ts";
import type { PostLimits } from "./transport/outbox.ts";
import { SpareMemory } from "./transport/spare_memory.ts";

/** What files, the database and HTTP need of the file descriptors beside the chat's connections. */
const SPARE_DESCRIPTORS = 100;

/** The system's calls on sockets; undefined, with a word in the log, where it lacks the means. */
export function openSockets(log: Log): NativeSockets | undefined {
  const { sockets, missing } = NativeSockets.open();
  if (missing !== undefined) log.warn(missing);
  return sockets;
}

/** Has memory given back that a crowd leaves behind, where that can be done. */
export function givesMemoryBack(opening: AsyncDisposableStack, counts: Counts): void {
  const heap = NativeHeap.open();
  if (heap === undefined) return;
  opening.use(heap);
  opening.use(new SpareMemory({ heap, passages: () => counts.passages }));
}

/** For as many connections there are file descriptors. */
export function connectionsFor(openFiles: number, workers: number): number {
  return Math.max(1, openFiles - SPARE_DESCRIPTORS - workers * FILES_OF_WORKER);
}

/** The main isolate's share of what may wait for slow readers. */
export function postLimits(limits: Limits, workers: number): PostLimits {
  if (workers === 0) return limits;
  return {
    get outboxBytes() {
      return limits.outboxBytes;
    },
    get outboxTotalBytes() {
      return shareOfBudget(limits, workers);
    },
    get stallMs() {
      return limits.stallMs;
    },
  };
}
