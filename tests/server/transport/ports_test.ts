import { notStrictEqual as notEqual, ok, strictEqual as equal, throws } from "node:assert/strict";
import { NativeSockets } from "../../../server/transport/native_sockets.ts";
import {
  addressText,
  listenAlone,
  ListenError,
  listenShared,
  type WantedAddress,
} from "../../../server/transport/ports.ts";

/** Loopback is 127.0.0.0/8 here; elsewhere only its first address can be listened on. */
const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("a port that is free is taken as it was named, and 0 is any free one", () => {
  const { hostname, port } = freeAddress({ host: "127.0.0.1", port: 0, asked: true }, "--plain");
  equal(hostname, "127.0.0.1");
  ok(port > 0);
  equal(freeAddress({ host: "127.0.0.1", port, asked: true }, "--plain").port, port);
});

Deno.test("a port that was asked for and is taken is refused with a sentence", () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  throws(
    () => freeAddress({ host: "127.0.0.1", port, asked: true }, "--plain"),
    new ListenError(
      `Cannot listen on "127.0.0.1:${port}": the port is in use; name another address with --plain, or off`,
    ),
  );
});

Deno.test("a default port that is taken gives way to the next free one", () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const found = freeAddress({ host: "127.0.0.1", port, asked: false }, "--plain").port;
  ok(found > port && found <= port + 100, `${found} for ${port}`);
});

Deno.test("a port that would be shared with another server is taken", () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0, reusePort: true });
  const { port } = other.addr;
  notEqual(freeAddress({ host: "127.0.0.1", port, asked: false }, "--tls").port, port);
});

Deno.test("past the last port there is none", onLinux, () => {
  const host = "127.66.77.88";
  using taken = Deno.listen({ hostname: host, port: 65_535 });
  equal(taken.addr.port, 65_535);
  throws(
    () => freeAddress({ host, port: 65_535, asked: false }, "--https"),
    new ListenError(
      `Cannot listen on "${host}:65535": the port is in use; name another address with --https, or off`,
    ),
  );
});

Deno.test("an address of another machine is refused with a sentence", () => {
  throws(
    () => freeAddress({ host: "203.0.113.7", port: 0, asked: true }, "--http"),
    new ListenError(
      'Cannot listen on "203.0.113.7:0": this machine does not have that address; ' +
        "name another address with --http, or off",
    ),
  );
});

Deno.test("nothing is left open where the port was looked for", () => {
  const { port } = freeAddress({ host: "127.0.0.1", port: 0, asked: true }, "--plain");
  using listener = Deno.listen({ hostname: "127.0.0.1", port });
  equal(listener.addr.port, port);
});

Deno.test("an address is written as people write it", () => {
  equal(addressText({ hostname: "192.0.2.1", port: 6697 }), "192.0.2.1:6697");
  equal(addressText({ hostname: "::1", port: 6697 }), "[::1]:6697");
  equal(addressText({ hostname: "chat.example", port: 443 }), "chat.example:443");
});

Deno.test(
  "a port that listeners share within a server is never another server's, not even for a moment",
  onLinux,
  () => {
    using sockets = NativeSockets.open().sockets;
    const wanted = { host: "127.0.0.1", port: 0, asked: true };
    const open = ({ hostname, port }: Deno.NetAddr) => {
      throws(() => listenAlone({ ...wanted, port }, "--tls"), ListenError);
      return Deno.listen({ hostname, port, reusePort: true });
    };
    using listener = listenShared(wanted, { flag: "--tls", sockets, open });
    const { port } = listener.addr;
    throws(() => listenAlone({ ...wanted, port }, "--tls"), ListenError);
    using _successor = Deno.listen({ hostname: "127.0.0.1", port, reusePort: true });
  },
);

Deno.test("where the system lacks the means, a port that is taken at the last moment is refused", () => {
  const open = ({ hostname, port }: Deno.NetAddr) => {
    using _other = Deno.listen({ hostname, port });
    return Deno.listen({ hostname, port, reusePort: true });
  };
  const wanted = { host: "127.0.0.1", port: 0, asked: true };
  throws(() => listenShared(wanted, { flag: "--https", sockets: undefined, open }), ListenError);
});

/** Where one would listen. */
function freeAddress(wanted: WantedAddress, flag: string): Deno.NetAddr {
  using listener = listenAlone(wanted, flag);
  return listener.addr as Deno.NetAddr;
}
