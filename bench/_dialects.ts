/** How the servers of the suite are spoken to. */

export type DialectName = "text" | "json" | "websocket" | "irc";

/** Who comes in, and where that one goes; what this one says is said in the last of the rooms. */
export interface Newcomer {
  readonly name: string;
  readonly rooms: readonly string[];
}

/** Something to be sent, and what stands in the answer when it has worked. */
export interface Step {
  readonly send: Uint8Array;
  readonly until: string;
}

export interface Dialect {
  comeIn(newcomer: Newcomer): Step[];
  /** @param room Where the speaker looks. */
  say(text: string, room: string): Uint8Array;
  /** What is sent from time to time, so that who only listens is not taken for gone. */
  readonly signOfLife?: Uint8Array;
}

/** The room in which everybody is who comes in. */
export const LOBBY = "lobby";

const encoder = new TextEncoder();

const text: Dialect = {
  comeIn: ({ name, rooms }) => [
    { send: encoder.encode(`${name}\n`), until: "Users currently online" },
    ...entered(rooms).map((room) => ({
      send: encoder.encode(`/join #${room}\n`),
      until: `You are in #${room}`,
    })),
  ],
  say: (text) => encoder.encode(`${text}\n`),
};

const json: Dialect = {
  comeIn: (newcomer) => jsonSteps(newcomer, jsonLine),
  say: (text, room) => jsonLine({ type: "say", room, text }),
  signOfLife: jsonLine({ type: "pong" }),
};

const websocket: Dialect = {
  comeIn: (newcomer) => [
    { send: encoder.encode(UPGRADE.join("\r\n")), until: "\r\n\r\n" },
    ...jsonSteps(newcomer, (message) => frame(JSON.stringify(message))),
  ],
  say: (text, room) => frame(JSON.stringify({ type: "say", room, text })),
  signOfLife: new Uint8Array([0x8a, 0x80, 0, 0, 0, 0]), // a pong that was not asked for: RFC 6455, 5.5.3
};

const irc: Dialect = {
  comeIn: ({ name, rooms }) => [
    { send: encoder.encode(`NICK ${name}\r\nUSER ${name} 0 * :${name}\r\n`), until: " 001 " },
    ...rooms.map((room) => ({ send: encoder.encode(`JOIN #${room}\r\n`), until: " 366 " })),
  ],
  say: (text, room) => encoder.encode(`PRIVMSG #${room} :${text}\r\n`),
};

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = { text, json, websocket, irc };

const UPGRADE = [
  "GET /ws HTTP/1.1",
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: cGFybGV5J3Mgc3VpdGUhIQ==",
  "Sec-WebSocket-Protocol: parley.lines", // as Parley's own page does
  "",
  "",
];

function entered(rooms: readonly string[]): string[] {
  return rooms.filter((room) => room !== LOBBY);
}

function jsonSteps({ name, rooms }: Newcomer, send: (message: object) => Uint8Array): Step[] {
  return [
    { send: send({ type: "guest", name }), until: '"type":"welcome"' },
    ...entered(rooms).map((room) => ({ send: send({ type: "join", room }), until: '"type":"roster"' })),
  ];
}

function jsonLine(message: object): Uint8Array {
  return encoder.encode(JSON.stringify(message) + "\n");
}

/** One masked text frame; the mask is of zeros, which change nothing. */
function frame(text: string): Uint8Array {
  const body = encoder.encode(text);
  const length = body.length < 126 ? [0x80 | body.length] : [0xfe, body.length >> 8, body.length & 0xff];
  return new Uint8Array([0x81, ...length, 0, 0, 0, 0, ...body]);
}
