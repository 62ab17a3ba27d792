import {
  deepStrictEqual as deepEqual,
  match,
  ok,
  rejects,
  strictEqual as equal,
  throws,
} from "node:assert/strict";
import type { Account } from "../../../server/accounts/account_store.ts";
import { LinkCodes, type LinkDecider, type LinkReceiver } from "../../../server/accounts/link_codes.ts";
import type { Voucher } from "../../../server/accounts/voucher.ts";
import {
  badUsername,
  linkForOther,
  linkNotFound,
  tooManyAttempts,
  tooManyLinks,
} from "../../../server/refusals.ts";
import { anAccount } from "../../support/an_account.ts";

const MINUTE_MS = 60_000;

Deno.test("a browser that has the code sees who waits, and lets them in as itself", async () => {
  const { links, terminal } = setUp();
  const before = Date.now();
  const { code, expiresAt } = links.offer({ ...TERMINAL, username: "ann" }, terminal);
  match(code, /^[A-Z]{4}-[A-Z]{4}$/);
  const { askedAt, ...link } = links.show(code, decider());
  deepEqual(link, { ...TERMINAL, username: "ann", code, expiresAt });
  ok(askedAt.getTime() >= before && askedAt.getTime() <= Date.now());
  equal(expiresAt.getTime() - askedAt.getTime(), 5 * MINUTE_MS);
  await links.confirm(code, decider());
  deepEqual(terminal.told, [{ account: "ann's id", token: "ann's token" }]);
});

Deno.test("a code is understood in any case, with its dash or without", () => {
  const { links, terminal } = setUp();
  const { code } = links.offer(TERMINAL, terminal);
  for (const typed of [code.toLowerCase(), code.replace("-", ""), ` ${code.replace("-", " ")} `]) {
    equal(links.show(typed, decider()).code, code, typed);
  }
});

Deno.test("a code is good for one decision, be it a yes, a no or a yes that fails", async () => {
  const { links, terminal } = setUp();
  const decisions: ((code: string) => Promise<void>)[] = [
    (code) => links.confirm(code, decider()),
    (code) => Promise.resolve(links.refuse(code, decider())),
    (code) => rejects(links.confirm(code, decider()), linkForOther("somebody")),
  ];
  for (const [index, decide] of decisions.entries()) {
    const failing: LinkReceiver = { ...terminal, confirmed: () => Promise.reject(linkForOther("somebody")) };
    const { code } = links.offer(TERMINAL, index === 2 ? failing : terminal);
    await decide(code);
    throws(() => links.show(code, decider()), linkNotFound());
    await rejects(links.confirm(code, decider()), linkNotFound());
    throws(() => links.refuse(code, decider()), linkNotFound());
  }
  deepEqual(terminal.told, [{ account: "ann's id", token: "ann's token" }, "no"]);
});

Deno.test("of two who confirm at once one does", async () => {
  const { links, terminal } = setUp();
  const { code } = links.offer(TERMINAL, terminal);
  const [first, second] = await Promise.allSettled([
    links.confirm(code, decider()),
    links.confirm(code, decider(BOB)),
  ]);
  deepEqual([first.status, second.status], ["fulfilled", "rejected"]);
  deepEqual(terminal.told, [{ account: "ann's id", token: "ann's token" }]);
});

Deno.test("a code is good for five minutes, to the millisecond", () => {
  const { links, clock, terminal } = setUp();
  const { code } = links.offer(TERMINAL, terminal);
  clock.ms += 5 * MINUTE_MS - 1;
  links.show(code, decider());
  clock.ms += 1;
  throws(() => links.show(code, decider()), linkNotFound());
});

Deno.test("a code goes with the connection that it was for, and no other does", () => {
  const { links, terminal } = setUp();
  const [gone, stays] = [links.offer(TERMINAL, terminal), links.offer(TERMINAL, terminal)];
  gone.withdraw();
  gone.withdraw();
  throws(() => links.show(gone.code, decider()), linkNotFound());
  links.show(stays.code, decider());
});

/** The username that was given at the terminal → whether ann decides. */
const NAMED: [username: string | undefined, decides: boolean][] = [
  [undefined, true],
  ["ann@example.org", true],
  ["Ann@Example.ORG", true],
  ["Ann", true],
  ["ANN", true],
  ["annie", true], // a former name
  ["bob", false],
  ["ann1", false],
];

for (const [username, decides] of NAMED) {
  const who = username === undefined ? "nobody" : JSON.stringify(username);
  Deno.test(`a log-in that names ${who} is ${decides ? "" : "not "}for ann to decide`, async () => {
    const { links, terminal } = setUp();
    const { code } = links.offer({ ...TERMINAL, username }, terminal);
    if (decides) return await links.confirm(code, decider());
    await rejects(links.confirm(code, decider()), linkForOther(username!));
    throws(() => links.refuse(code, decider()), linkForOther(username!));
    equal(links.show(code, decider()).username, username); // and it still waits
    deepEqual(terminal.told, []);
  });
}

Deno.test("what can be nobody's username is not waited for", () => {
  const { links, terminal } = setUp();
  for (const username of ["", "x", "two words", "\u0430nn", "\x1b[2J", "x".repeat(100_000)]) {
    throws(() => links.offer({ ...TERMINAL, username }, terminal), badUsername(), username.slice(0, 20));
  }
});

Deno.test("eight wait from one address, an IPv6 /64 being one; loopback is this machine's many users", () => {
  const { links, terminal } = setUp();
  const offer = (address: string) => links.offer({ ...TERMINAL, address }, terminal);
  for (const address of ["192.0.2.1", "2001:db8:1:2::1"]) {
    const offers = Array.from({ length: 8 }, () => offer(address));
    throws(() => offer(address), tooManyLinks());
    offers[0]!.withdraw();
    offer(address);
  }
  throws(() => offer("::ffff:192.0.2.1"), tooManyLinks());
  throws(() => offer("2001:db8:1:2:ffff::1"), tooManyLinks());
  offer("2001:db8:1:3::1");
  for (let other = 0; other < 100; other++) offer("127.0.0.1");
});

Deno.test("a thousand wait in all, until their time is over", () => {
  const { links, clock, terminal } = setUp();
  const offer = (index: number) =>
    links.offer({ ...TERMINAL, address: `10.0.${index >> 8}.${index & 255}` }, terminal);
  for (let index = 0; index < 1_000; index++) offer(index);
  throws(() => offer(1_000), tooManyLinks());
  clock.ms += 5 * MINUTE_MS;
  for (let index = 0; index < 1_000; index++) offer(index);
});

Deno.test("an account types twenty codes in a minute, right or wrong, wherever it is", async () => {
  const { links, clock, terminal } = setUp();
  const { code } = links.offer(TERMINAL, terminal);
  for (let index = 0; index < 20; index++) {
    const from = { ...decider(), address: `192.0.2.${index}` };
    if (index % 2 === 0) throws(() => links.show("BBBB-BBBB", from), linkNotFound());
    else links.show(code, from);
  }
  throws(() => links.show(code, decider()), tooManyAttempts(60));
  throws(() => links.refuse(code, decider()), tooManyAttempts(60));
  await rejects(links.confirm(code, decider()), tooManyAttempts(60));
  links.show(code, decider(BOB));
  clock.ms += MINUTE_MS;
  await links.confirm(code, decider());
});

Deno.test("sixty codes are typed in a minute from one address, whoever does", () => {
  const { links, terminal } = setUp();
  const { code } = links.offer(TERMINAL, terminal);
  const somebody = (index: number) => decider({ ...ANN, id: `${index}` });
  for (let index = 0; index < 60; index++) links.show(code, somebody(index));
  throws(() => links.show(code, somebody(60)), tooManyAttempts(60));
  links.show(code, { ...somebody(61), address: "192.0.2.8" });
});

const ANN = anAccount({ id: "ann's id", username: "ann@example.org", name: "Ann", formerNames: ["annie"] });

const BOB: Account = { ...ANN, id: "bob's id", username: "bob", name: "bob", formerNames: [] };

const TERMINAL = { address: "192.0.2.1", how: "TLS", username: undefined };

function decider(account = ANN): LinkDecider {
  return { account, token: `${account.name.toLowerCase()}'s token`, address: "192.0.2.7" };
}

function setUp() {
  const clock = { ms: 1_000 };
  const told: (Voucher | "no")[] = [];
  const terminal = {
    told,
    confirmed(voucher: Voucher) {
      told.push(voucher);
      return Promise.resolve();
    },
    refused: () => void told.push("no"),
  };
  return { links: new LinkCodes(() => clock.ms), clock, terminal };
}
