import { strictEqual as equal } from "node:assert/strict";

/** What Linux says of a socket of this process, by its number. */
export function optionsOf(fd: number) {
  const libc = Deno.dlopen("libc.so.6", {
    getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  });
  const option = (level: number, name: number) => {
    const value = new Int32Array(1);
    equal(libc.symbols.getsockopt(fd, level, name, value, Uint32Array.of(4)), 0);
    return value[0];
  };
  const options = {
    noDelay: option(6, 1),
    keepAlive: option(1, 9),
    keepAliveAfterSeconds: option(6, 4),
    keepAliveEverySeconds: option(6, 5),
    keepAliveProbes: option(6, 6),
    stalledMs: option(6, 18),
  };
  libc.close();
  return options;
}
