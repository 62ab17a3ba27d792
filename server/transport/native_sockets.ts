import { type AddressFamilies, readSocketAddress, SOCKET_ADDRESS_BYTES } from "./_socket_address.ts";

/** The two addresses of a TCP connection, which together no other has at the same time. */
export interface ConnectionEnds {
  /** That of its listener will do, though it be 0.0.0.0 or ::. */
  local: Deno.NetAddr;
  remote: Deno.NetAddr;
}

/** A connection with the number that the system calls go by. */
export interface NativeConnection extends ConnectionEnds {
  /** Good until the event loop runs again: after that it may belong to another connection. */
  fd: number;
}

/** When a connection without sign of life ends. */
export interface ListenerTuning {
  /** Silence after which the peer's system is asked whether it is still there. */
  keepAliveAfterSeconds: number;
  keepAliveEverySeconds: number;
  /** Unanswered questions after which it is gone. */
  keepAliveProbes: number;
  /**
   * How long what was sent may stay unacknowledged, or the peer's window shut. The system takes a little longer: where a
   * write waits, whoever writes notices first and says why the connection ends.
   */
  stalledMs: number;
}

/**
 * The system's own calls on the sockets of this process, for what Deno leaves out: to set options on a listener,
 * to see the connections of `Deno.serve`, and to end one that `close()` leaves open. A `Deno.TlsConn` whose
 * handshake or write waits for its peer keeps its socket after `close()` until the peer leaves.
 *
 * Deno does not tell the number of a socket, so it is looked for among all that are open, by its addresses. One
 * search takes 0.1 ms, and 4 ms with 10,000 open sockets: end many connections with one call.
 */
export class NativeSockets implements Disposable {
  #library: Library;
  #platform: Platform;
  // Where the system writes addresses, values of options and their lengths: kept, because a search would
  // otherwise spend most of its time on making them.
  #address = new DataView(new ArrayBuffer(SOCKET_ADDRESS_BYTES));
  #value = new Int32Array(1);
  #statistics = new DataView(new ArrayBuffer(STATISTICS_BYTES));
  #length = new Uint32Array(1);
  /** For how many open files the table of this process had room when that was told last: it never has less again. */
  #tableSize = 0;
  /** The name of a file, as C takes it. */
  #processStatus = new TextEncoder().encode("/proc/self/status\0");

  private constructor(library: Library, platform: Platform) {
    this.#library = library;
    this.#platform = platform;
  }

  /** Where the means are missing, answers with a sentence for the log that says which, and what follows. */
  static open(): { sockets: NativeSockets; missing?: undefined } | { sockets?: undefined; missing: string } {
    const { os } = Deno.build;
    const platform = PLATFORMS[os];
    if (platform === undefined) return missing(`it is not known how to on ${os}`);
    // Looked at first, because Deno.dlopen would stop and ask at a terminal.
    const { state } = Deno.permissions.querySync({ name: "ffi" });
    if (state !== "granted") return missing("this takes --allow-ffi");
    const library = load(platform.libraries);
    if (library === undefined) return missing(`no C library was found as ${platform.libraries.join(" or ")}`);
    return { sockets: new NativeSockets(library, platform) };
  }

  [Symbol.dispose](): void {
    this.#library.close();
  }

  /** How many files and sockets this process may have open; Infinity where nothing limits it. */
  openFileLimit(): number | undefined {
    const limits = new BigUint64Array(2);
    if (this.#library.symbols.getrlimit(this.#platform.openFiles, limits) !== 0) return undefined;
    const [soft = 0n] = limits;
    return soft > Number.MAX_SAFE_INTEGER ? Infinity : Number(soft);
  }

  /**
   * Lets small writes go at once, and has the system end connections whose peer is gone or has stopped reading.
   * It holds for all connections that this listener accepts from now on: they inherit it.
   *
   * @param local Where it listens. While a listener is replaced there are two of them: both are tuned.
   * @returns How many listeners took all of it.
   */
  tuneListener(local: Deno.NetAddr, tuning: Partial<ListenerTuning> = {}): number {
    return this.#tune(this.listenersOn(local), tuning);
  }

  /**
   * The same for the connections that a listener has accepted already.
   *
   * @returns How many connections took all of it.
   */
  tuneConnections(listener: Deno.NetAddr, tuning: Partial<ListenerTuning> = {}): number {
    return this.#tune(this.connectionsOf(listener).map(({ fd }) => fd), tuning);
  }

  /**
   * Lets further listeners of this process have the address of one that was opened to have it alone (SO_REUSEPORT).
   *
   * @returns Whether the system does that.
   */
  shareListener(local: Deno.NetAddr): boolean {
    const { sharing } = this.#platform;
    return sharing !== undefined && this.listenersOn(local).some((fd) => this.#setOption(fd, sharing, 1));
  }

  /**
   * Makes a listener one that only keeps its address, for further listeners of this process alone: nobody can come by it.
   *
   * @returns Whether the system does that.
   */
  holdAddress(local: Deno.NetAddr): boolean {
    const { sharing, reusing } = this.#platform;
    if (sharing === undefined || reusing === undefined) return false;
    const held = (fd: number) => this.#setOption(fd, sharing, 1) && this.#setOption(fd, reusing, 0);
    return this.listenersOn(local).some((fd) => held(fd) && this.shutdown(fd));
  }

  /** The sockets that listen there: to be noted before a second one is opened, for {@link shutdownListeners}. */
  listenersOn(local: Deno.NetAddr): number[] {
    const found: number[] = [];
    for (let fd = 0, end = this.#endOfTable(); fd < end; fd++) {
      if (this.#isListener(fd, local)) found.push(fd);
    }
    return found;
  }

  /**
   * Ends these listeners and none of the connections they have accepted, unlike `shutdown()` of `Deno.serve`,
   * which closes WebSockets. Their `accept()` and `finished` fail from then on.
   *
   * @param fds From {@link listenersOn}; what no longer listens there is left alone.
   * @returns How many were ended.
   */
  shutdownListeners(local: Deno.NetAddr, fds: Iterable<number>): number {
    return [...fds].filter((fd) => this.#isListener(fd, local) && this.shutdown(fd)).length;
  }

  /** All connections accepted by the listener there. */
  connectionsOf(listener: Deno.NetAddr): NativeConnection[] {
    const found: NativeConnection[] = [];
    for (let fd = 0, end = this.#endOfTable(); fd < end; fd++) {
      if (this.#localPort(fd) !== listener.port) continue;
      const local = this.#readAddress();
      if (local === undefined || !accepts(listener, local) || !this.#isTcp(fd)) continue;
      if (this.#remotePort(fd) === undefined) continue;
      const remote = this.#readAddress();
      if (remote !== undefined) found.push({ fd, local, remote });
    }
    return found;
  }

  /**
   * Ends connections in both directions, so that whatever waits for their peer fails and lets go of the socket.
   * What the system has taken is still sent. Call it just before `close()`: afterwards a peer that has come back
   * with the same port might be taken for the one that is meant.
   *
   * @returns How many were found and ended.
   */
  shutdownConnections(wanted: Iterable<ConnectionEnds>): number {
    const all = [...wanted];
    const spelled = new Set(all.map(spell));
    const remotePorts = new Set(all.map(({ remote }) => remote.port));
    let ended = 0;
    for (let fd = 0, end = this.#endOfTable(); fd < end && ended < spelled.size; fd++) {
      const port = this.#remotePort(fd);
      if (port === undefined || !remotePorts.has(port)) continue;
      const remote = this.#readAddress();
      if (remote === undefined || this.#localPort(fd) === undefined) continue;
      const local = this.#readAddress();
      if (local === undefined || !this.#isTcp(fd)) continue;
      const listener = { ...local, hostname: anyAddress(local) };
      if (!spelled.has(spell({ local, remote })) && !spelled.has(spell({ local: listener, remote }))) {
        continue;
      }
      if (this.shutdown(fd)) ended++;
    }
    return ended;
  }

  /** Ends one socket in both directions; `fd` is one just listed. */
  shutdown(fd: number): boolean {
    return this.#library.symbols.shutdown(fd, BOTH_DIRECTIONS) === 0;
  }

  /** All that has come over a connection just listed; nothing where the system does not count it. */
  receivedBytes(fd: number): number | undefined {
    const { statistics } = this.#platform;
    if (statistics === undefined) return undefined;
    const { option: [level, name], receivedAt } = statistics;
    this.#length[0] = this.#statistics.byteLength;
    const result = this.#library.symbols.getsockopt(fd, level, name, this.#statistics, this.#length);
    if (result !== 0 || this.#length[0] < receivedAt + 8) return undefined;
    return Number(this.#statistics.getBigUint64(receivedAt, true));
  }

  /** Writes past Deno to a connection just listed; answers false where not all could go at once. */
  send(fd: number, bytes: Uint8Array<ArrayBuffer>): boolean {
    const sent = this.#library.symbols.send(fd, bytes, BigInt(bytes.length), this.#platform.doNotWait);
    return Number(sent) === bytes.length;
  }

  #tune(fds: readonly number[], tuning: Partial<ListenerTuning>): number {
    const options = this.#platform.tuning({ ...USUAL_TUNING, ...tuning });
    const tuned = fds.filter((fd) =>
      options.map(([option, value]) => this.#setOption(fd, option, value)).every((taken) => taken)
    );
    return tuned.length;
  }

  #isListener(fd: number, local: Deno.NetAddr): boolean {
    if (this.#localPort(fd) !== local.port || this.#readAddress()?.hostname !== local.hostname) return false;
    return this.#option(fd, this.#platform.listening) !== 0 && this.#isTcp(fd);
  }

  #isTcp(fd: number): boolean {
    return this.#option(fd, this.#platform.type) === STREAM;
  }

  /** Leaves the address to {@link #readAddress}; nothing where `fd` is no socket. */
  #localPort(fd: number): number | undefined {
    this.#length[0] = SOCKET_ADDRESS_BYTES;
    const result = this.#library.symbols.getsockname(fd, this.#address, this.#length);
    return result === 0 ? this.#address.getUint16(2) : undefined;
  }

  /** Leaves the address to {@link #readAddress}; nothing where `fd` is no connected socket. */
  #remotePort(fd: number): number | undefined {
    this.#length[0] = SOCKET_ADDRESS_BYTES;
    const result = this.#library.symbols.getpeername(fd, this.#address, this.#length);
    return result === 0 ? this.#address.getUint16(2) : undefined;
  }

  #readAddress(): Deno.NetAddr | undefined {
    return readSocketAddress(this.#address, this.#platform.families);
  }

  #option(fd: number, [level, name]: SocketOption): number | undefined {
    this.#length[0] = INT_BYTES;
    const result = this.#library.symbols.getsockopt(fd, level, name, this.#value, this.#length);
    return result === 0 ? this.#value[0] : undefined;
  }

  #setOption(fd: number, [level, name]: SocketOption, value: number): boolean {
    this.#value[0] = value;
    return this.#library.symbols.setsockopt(fd, level, name, this.#value, INT_BYTES) === 0;
  }

  /**
   * No open file has this number or a higher one. Where none can be opened any more the table cannot be asked, and the
   * limit may have been lowered below the numbers of files that are open.
   */
  #endOfTable(): number {
    const size = this.#sizeOfTable();
    if (size !== undefined) return this.#tableSize = size;
    return Math.max(this.#tableSize, Math.min(this.openFileLimit() ?? FEW_FILES, MANY_FILES));
  }

  /**
   * What Linux says the table of this process has room for. Deno would read the file with --allow-all only; the
   * limit instead, which may be a million, would have to be walked through from end to end.
   */
  #sizeOfTable(): number | undefined {
    const { open, read, close } = this.#library.symbols;
    const fd = open(this.#processStatus, READ_ONLY);
    if (fd < 0) return undefined;
    const text = new Uint8Array(1024);
    const bytes = Number(read(fd, text, BigInt(text.length)));
    close(fd);
    const size = /^FDSize:\s*(\d+)$/m.exec(new TextDecoder().decode(text.subarray(0, Math.max(bytes, 0))));
    return size === null ? undefined : Number(size[1]);
  }
}

/** As the contract has it (2.2): a write that makes no progress is given up after 30 s. */
const USUAL_TUNING: ListenerTuning = {
  keepAliveAfterSeconds: 30,
  keepAliveEverySeconds: 10,
  keepAliveProbes: 3,
  stalledMs: 30_000,
};

/** By how much the system's own look is later: readers are looked at once a second (outbox.ts). */
const LATER_MS = 2_000;

/** What differs from one system to the next. */
interface Platform {
  /** Names of the C library, the likeliest first. */
  libraries: readonly string[];
  families: AddressFamilies;
  /** RLIMIT_NOFILE. */
  openFiles: number;
  /** Flags for `send`: neither wait nor raise SIGPIPE. */
  doNotWait: number;
  /** SO_TYPE. */
  type: SocketOption;
  /** SO_ACCEPTCONN. */
  listening: SocketOption;
  /** SO_REUSEPORT, where it also holds for a socket that listens already. */
  sharing?: SocketOption;
  /**
   * SO_REUSEADDR, where a socket that listens no longer keeps its address, as long as it is without that: with it, whoever
   * has it as well may have the address.
   */
  reusing?: SocketOption;
  /** What is told about a TCP connection, and where in it the count of the bytes that came stands. */
  statistics?: { readonly option: SocketOption; readonly receivedAt: number };
  tuning(tuning: ListenerTuning): readonly (readonly [SocketOption, value: number])[];
}

/** Level and name, as `getsockopt` takes them. */
type SocketOption = readonly [level: number, name: number];

/** IPPROTO_TCP, everywhere. */
const TCP = 6;

/** The same on x86-64 and arm64, and with glibc and musl; musl could not be tried. */
const LINUX: Platform = {
  libraries: ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1", "libc.so"],
  families: { familyAt: 0, ipv4: 2, ipv6: 10 },
  openFiles: 7,
  doNotWait: 0x40 | 0x4000, // MSG_DONTWAIT, MSG_NOSIGNAL
  type: [1, 3],
  listening: [1, 30],
  sharing: [1, 15],
  reusing: [1, 2],
  statistics: { option: [TCP, 11], receivedAt: 128 }, // TCP_INFO, tcpi_bytes_received, since Linux 4.1
  tuning: (tuning) => [
    [[TCP, 1], 1], // TCP_NODELAY
    [[1, 9], 1], // SO_KEEPALIVE
    [[TCP, 4], tuning.keepAliveAfterSeconds], // TCP_KEEPIDLE
    [[TCP, 5], tuning.keepAliveEverySeconds], // TCP_KEEPINTVL
    [[TCP, 6], tuning.keepAliveProbes], // TCP_KEEPCNT
    [[TCP, 18], tuning.stalledMs + LATER_MS], // TCP_USER_TIMEOUT
  ],
};

/** From the headers of the system alone: it could not be tried. */
const MACOS: Platform = {
  libraries: ["libSystem.dylib", "libSystem.B.dylib"],
  families: { familyAt: 1, ipv4: 2, ipv6: 30 },
  openFiles: 8,
  doNotWait: 0x80, // MSG_DONTWAIT; Deno ignores SIGPIPE
  type: [0xffff, 0x1008],
  listening: [0xffff, 0x0002],
  tuning: (tuning) => [
    [[TCP, 0x01], 1], // TCP_NODELAY
    [[0xffff, 0x0008], 1], // SO_KEEPALIVE
    [[TCP, 0x10], tuning.keepAliveAfterSeconds], // TCP_KEEPALIVE
    [[TCP, 0x101], tuning.keepAliveEverySeconds], // TCP_KEEPINTVL
    [[TCP, 0x102], tuning.keepAliveProbes], // TCP_KEEPCNT
    [[TCP, 0x80], Math.ceil((tuning.stalledMs + LATER_MS) / 1000)], // TCP_RXT_CONNDROPTIME
  ],
};

/** Deno's name of the system → what it takes there. */
const PLATFORMS: Partial<Record<typeof Deno.build.os, Platform>> = { linux: LINUX, darwin: MACOS };

/** SHUT_RDWR, everywhere. */
const BOTH_DIRECTIONS = 2;
/** SOCK_STREAM, everywhere. */
const STREAM = 1;
/** O_RDONLY, everywhere. */
const READ_ONLY = 0;
const INT_BYTES = 4;
/** As far as statistics are read; the system writes no more than it is given room for. */
const STATISTICS_BYTES = 136;

/** How far to look where the table's size is not told: as far as the limit, within reason. */
const FEW_FILES = 1024;
const MANY_FILES = 65_536;

type Library = Deno.DynamicLibrary<typeof CALLS>;

const CALLS = {
  close: { parameters: ["i32"], result: "i32" },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The first of these libraries that is there. */
function load(names: readonly string[]): Library | undefined {
  for (const name of names) {
    try {
      return Deno.dlopen(name, CALLS);
    } catch {
      continue; // another one may be there
    }
  }
}

function missing(why: string): { missing: string } {
  return {
    missing:
      `Cannot call the system on sockets: ${why}; half-open and stalled connections stay until their ` +
      "peer leaves, and small writes are delayed",
  };
}

/** Whether a connection with this local address came in by that listener. */
function accepts(listener: Deno.NetAddr, local: Deno.NetAddr): boolean {
  return listener.hostname === local.hostname || listener.hostname === anyAddress(local);
}

/** What a listener is bound to that takes connections to this address and to all others of its family. */
function anyAddress({ hostname }: Deno.NetAddr): string {
  return hostname.includes(":") ? "::" : "0.0.0.0";
}

function spell({ local, remote }: ConnectionEnds): string {
  return `${local.hostname} ${local.port} ${remote.hostname} ${remote.port}`;
}
