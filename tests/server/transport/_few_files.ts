// deno-lint-ignore-file no-console
/**
 * A process of its own whose limit of open files sinks below the numbers of those that it has open: prints how many
 * connections it finds before and after.
 */
import { NativeSockets } from "../../../server/transport/native_sockets.ts";

const { sockets } = NativeSockets.open();
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const address = listener.addr as Deno.NetAddr;
const conns: Deno.Conn[] = [];
for (let count = 0; count < 100; count++) {
  conns.push(await Deno.connect({ hostname: "127.0.0.1", port: address.port }), await listener.accept());
}
const before = sockets!.connectionsOf(address).length;
const args = [`--pid=${Deno.pid}`, "--nofile=20:"];
const { success } = new Deno.Command("prlimit", { args, stderr: "inherit" }).outputSync();
const after = sockets!.connectionsOf(address).length;
console.log(success, before, after);
Deno.exit();
