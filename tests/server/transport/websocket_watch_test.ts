import { deepStrictEqual as deepEqual } from "node:assert/strict";
import type { NativeConnection } from "../../../server/transport/native_sockets.ts";
import { WebSocketWatch } from "../../../server/transport/websocket_watch.ts";

const MIB = 1_048_576;
const LISTENER: Deno.NetAddr = { transport: "tcp", hostname: "0.0.0.0", port: 8443 };

Deno.test("who sends what never becomes a message is cut off", () => {
  using network = new Network();
  const hoarder = network.connect(1);
  const talker = network.connect(2);
  for (let round = 1; round <= 3; round++) {
    network.sends(hoarder, MIB / 2);
    network.sends(talker, MIB / 2);
    talker.messages++;
    network.watch.look();
    deepEqual(network.cut, round < 3 ? [] : [1], `round ${round}`);
  }
});

Deno.test("what came before the latest message does not count", () => {
  using network = new Network();
  const peer = network.connect(1);
  network.sends(peer, 10 * MIB);
  peer.messages++;
  network.watch.look();
  network.sends(peer, MIB);
  network.watch.look();
  deepEqual(network.cut, []);
  network.sends(peer, 1);
  network.watch.look();
  deepEqual(network.cut, [1]);
});

Deno.test("who is no longer watched is left alone, and so is all the rest of the listener", () => {
  using network = new Network();
  const left = network.connect(1);
  network.sends(left, 10 * MIB);
  network.watch.remove(left);
  network.sends({ ends: { remote: remote(2) } }, 10 * MIB); // an upload
  network.watch.look();
  deepEqual(network.cut, []);
});

Deno.test("where the system does not count, nobody is cut off", () => {
  using network = new Network(() => undefined);
  network.sends(network.connect(1), 10 * MIB);
  network.watch.look();
  deepEqual(network.cut, []);
});

/** A listener in imagination: what has come over its connections, and which of them were cut. */
class Network implements Disposable {
  readonly watch: WebSocketWatch;
  readonly cut: number[] = [];
  /** Remote port → bytes. */
  #received = new Map<number, number>();

  constructor(count = (bytes: number): number | undefined => bytes) {
    this.watch = new WebSocketWatch({
      connectionsOf: () => this.#connections(),
      receivedBytes: (fd) => count(this.#received.get(fd)!),
    });
  }

  [Symbol.dispose](): void {
    this.watch[Symbol.dispose]();
  }

  connect(port: number) {
    const webSocket = {
      ends: { local: LISTENER, remote: remote(port) },
      messages: 0,
      cut: () => void this.cut.push(port),
    };
    this.watch.add(webSocket);
    return webSocket;
  }

  sends({ ends }: { ends: { remote: Deno.NetAddr } }, bytes: number): void {
    const { port } = ends.remote;
    this.#received.set(port, (this.#received.get(port) ?? 0) + bytes);
  }

  #connections(): NativeConnection[] {
    const local = { ...LISTENER, hostname: "192.0.2.80" };
    return Array.from(this.#received.keys(), (port) => ({ fd: port, local, remote: remote(port) }));
  }
}

function remote(port: number): Deno.NetAddr {
  return { transport: "tcp", hostname: "192.0.2.1", port };
}
