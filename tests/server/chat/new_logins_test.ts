import { deepStrictEqual as deepEqual } from "node:assert/strict";
import type { Origin } from "../../../server/accounts/origin.ts";
import type { TokenRecord } from "../../../server/accounts/token_store.ts";
import type { Listener } from "../../../server/chat/member.ts";
import { NewLogins } from "../../../server/chat/new_logins.ts";
import { type OpenChat, openChat, Visitor } from "./_chat.ts";

const OPENSSL: Origin = { address: "203.0.113.7", how: "openssl" };

const TOKEN: TokenRecord = {
  id: "01J0000000000000000000000T",
  account: "id of Bob",
  label: "login",
  scope: "chat",
  issuedAt: new Date(0),
  expiresAt: new Date(1),
  revoked: false,
};

Deno.test("a log-in is told to the account's other connections, and to nobody else", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [one, other, carl] = ["Bob", "Bob", "Carl"].map((name) => new Visitor(hub, name)) as Visitors;
  const stream = new Listening(hub, other);
  loginsOf(chat).tell("id of Bob", OPENSSL, { id: one.id });
  deepEqual([one.heard, carl.heard], [[], []]);
  deepEqual(other.heard, ["New login from 203.0.113.7 by openssl."]);
  deepEqual(stream.heard, ["New login from 203.0.113.7 by openssl."]);
});

Deno.test("what came in by a token is not told of the log-in that it was issued for", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const bob = new Visitor(hub, "Bob");
  const stream = new Listening(hub, bob);
  loginsOf(chat).tell("id of Bob", OPENSSL, { token: stream.listener.token });
  deepEqual([bob.heard, stream.heard], [["New login from 203.0.113.7 by openssl."], []]);
});

Deno.test("an account that is not here is told nothing", async () => {
  using chat = await openChat();
  const carl = new Visitor(chat.hub, "Carl");
  loginsOf(chat).tell("id of Bob", OPENSSL);
  deepEqual(carl.heard, []);
});

/** From where the token was issued and used last, from where it is used now, and whether that is told. */
const BY_TOKEN: [issued: string | undefined, used: string | undefined, now: string, told: boolean][] = [
  ["192.0.2.1", undefined, "192.0.2.1", false],
  ["192.0.2.1", undefined, "192.0.2.2", true],
  ["192.0.2.1", "192.0.2.2", "192.0.2.2", false],
  ["192.0.2.1", "192.0.2.2", "192.0.2.1", true],
  [undefined, "192.0.2.1", "192.0.2.1", false],
  [undefined, undefined, "192.0.2.1", true],
  ["2001:db8:1:2:3::4", undefined, "2001:db8:1:2:5::6", false],
  ["2001:db8:1:2:3::4", undefined, "2001:db8:1:3:3::4", true],
  ["::ffff:192.0.2.1", undefined, "192.0.2.1", false],
];

for (const [issued, used, now, told] of BY_TOKEN) {
  const before = `issued to ${issued ?? "nobody knows whom"}${
    used === undefined ? "" : `, used last from ${used}`
  }`;
  Deno.test(`a token ${before} that comes from ${now} is ${told ? "" : "not "}told`, async () => {
    using chat = await openChat();
    const bob = new Visitor(chat.hub, "Bob");
    const token: TokenRecord = {
      ...TOKEN,
      ...issued !== undefined && { issuedTo: { address: issued, how: "curl" } },
      ...used !== undefined && { lastUse: { address: used, how: "curl", at: new Date(0) } },
    };
    const uses: [string, Origin][] = [];
    loginsOf(chat, uses).tellByToken(token, { address: now, how: "Firefox" }, { id: "another" });
    deepEqual(bob.heard, told ? [`New login from ${now} by Firefox.`] : []);
    deepEqual(uses, [[TOKEN.id, { address: now, how: "Firefox" }]]);
  });
}

Deno.test("a program that is at two places in turn is told of once at each", async () => {
  using chat = await openChat();
  const bob = new Visitor(chat.hub, "Bob");
  const logins = loginsOf(chat);
  let token = TOKEN;
  for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.2"]) {
    logins.tellByToken(token, { address, how: "curl" }, {});
    token = { ...token, lastUse: { address, how: "curl", at: new Date(0) } };
  }
  logins.tellByToken({ ...TOKEN, id: "another" }, { address: "192.0.2.1", how: "curl" }, {});
  deepEqual(bob.heard, ["192.0.2.1", "192.0.2.2", "192.0.2.1"].map((at) => `New login from ${at} by curl.`));
});

Deno.test("a program that may read some rooms only is not told where its owner is", async () => {
  using chat = await openChat();
  const narrow = new Listening(chat.hub, new Visitor(chat.hub, "Bob"), { directs: false });
  loginsOf(chat).tell("id of Bob", OPENSSL);
  deepEqual(narrow.heard, []);
});

type Visitors = [Visitor, Visitor, Visitor];

function loginsOf({ hub }: OpenChat, uses: [string, Origin][] = []): NewLogins {
  const tokens = {
    lastUse: ({ lastUse }: TokenRecord) => lastUse,
    use: (id: string, by: Origin) => void uses.push([id, by]),
  };
  return new NewLogins({ distribution: hub.distribution, tokens });
}

/** A program that only listens, for somebody who is here. */
class Listening {
  readonly heard: string[] = [];
  readonly listener: Listener & { readonly token: string };

  constructor(hub: OpenChat["hub"], { member }: Visitor, { directs = true } = {}) {
    this.listener = {
      id: `watch of ${member.name}`,
      address: "127.0.0.1",
      how: "HTTP",
      account: member.account,
      token: TOKEN.id,
      echoesDirects: false,
      hears: true,
      deliver: (event) => void ("text" in event && this.heard.push(event.text)),
      end: () => {},
    };
    hub.distribution.watch({
      listener: this.listener,
      person: member,
      rooms: [hub.lobby],
      directsOf: directs ? member.key : undefined,
    });
  }
}
