import { Closer } from "./closer.ts";
import type { ChatDoors } from "./chat_doors.ts";
import { ChatListener, type KeyPair, type ListenerParts } from "./listeners.ts";
import { MainReception } from "./_main_reception.ts";
import { NativeSockets } from "./native_sockets.ts";
import { PostOffice } from "./outbox.ts";
import type { WorkerLimits, WorkerNews, WorkerOrder } from "./_worker_orders.ts";

/**
 * One of the isolates that have the sockets of those who chat: it lets them come, shakes hands, cuts what they send into
 * lines, and writes to them. What is said, and to whom it is told, is the main isolate's.
 */

declare const self: {
  onmessage: (event: MessageEvent<WorkerOrder | ArrayBuffer>) => void;
  postMessage(message: WorkerNews | ArrayBuffer): void;
};

/** All that this isolate has open. */
class Open implements Disposable {
  readonly reception: MainReception;
  #limits: { -readonly [Limit in keyof WorkerLimits]: WorkerLimits[Limit] };
  #parts: ListenerParts;
  #listeners: ChatListener[] = [];
  #resources = new DisposableStack();

  constructor(limits: WorkerLimits) {
    this.#limits = { ...limits };
    const { sockets } = NativeSockets.open(); // what is missing the main isolate has told
    if (sockets !== undefined) this.#resources.use(sockets);
    const post = this.#resources.use(new PostOffice(this.#limits));
    const closer = this.#resources.use(new Closer(sockets));
    this.reception = this.#resources.use(new MainReception(post, (batch) => self.postMessage(batch)));
    const { reception } = this;
    this.#parts = { post, closer, reception, sockets, limits: this.#limits, report: REPORT };
  }

  listen({ tls, plain }: ChatDoors["addresses"], keys: KeyPair): void {
    if (tls !== undefined) this.#listeners.push(ChatListener.joinTls(tls, this.#parts, keys));
    if (plain !== undefined) this.#listeners.push(ChatListener.joinPlain(plain, this.#parts));
  }

  limit(limits: WorkerLimits): void {
    Object.assign(this.#limits, limits);
  }

  async present(keys: KeyPair): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.useCertificate(keys)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}

const REPORT = {
  acceptFails: (error: unknown) => self.postMessage({ type: "accept fails", because: String(error) }),
  acceptsAgain: () => self.postMessage({ type: "accepts again" }),
};

let open: Open | undefined;

/** One order after the other. */
let obeying: Promise<void> = Promise.resolve();

self.onmessage = ({ data }) => {
  if (data instanceof ArrayBuffer) open?.reception.receive(data);
  else obeying = obeying.then(() => obey(data)).then(done, failed);
};

/** It goes on, as the main isolate does; a mistake in the order of things itself would end it, and those who are here. */
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  const { reason } = event as PromiseRejectionEvent;
  self.postMessage({
    type: "defect",
    because: reason instanceof Error ? reason.stack ?? reason.message : `${reason}`,
  });
});

async function obey(order: WorkerOrder): Promise<void> {
  switch (order.type) {
    case "be ready":
      return;
    case "listen":
      open = new Open(order.limits);
      return open.listen(order.addresses, order.keys);
    case "present":
      return await open?.present(order.keys);
    case "limit":
      return open?.limit(order.limits);
    case "close":
      return await open?.close();
    case "stop":
      return open?.[Symbol.dispose]();
  }
}

function done(): void {
  self.postMessage({ type: "done" });
}

function failed(error: unknown): void {
  self.postMessage({ type: "failed", because: error instanceof Error ? error.message : String(error) });
}
