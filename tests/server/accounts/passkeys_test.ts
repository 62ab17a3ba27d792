import { deepStrictEqual as deepEqual, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { LoginLimit } from "../../../server/accounts/login_limit.ts";
import { PasskeyProofs } from "../../../server/accounts/passkey_proofs.ts";
import { Passkeys } from "../../../server/accounts/passkeys.ts";
import { WaysIn } from "../../../server/accounts/ways_in.ts";
import { stepOver, tooManyAttempts, tooManySteps, wrongPasskey } from "../../../server/refusals.ts";
import { openAccounts } from "../../support/open_accounts.ts";
import { SoftDevice } from "../../support/soft_device.ts";

const PAGE = { host: "chat.example.org", origin: "https://chat.example.org" };
const ADDRESS = "203.0.113.7";
const LIFETIME_MS = 300_000;

Deno.test("a passkey is asked for and taken within five minutes, to the millisecond", async () => {
  for (const [ms, inTime] of [[LIFETIME_MS - 1, true], [LIFETIME_MS, false]] as const) {
    await using opened = await open();
    const { passkeys, proofs, device, ann, clock } = opened;
    const creation = await passkeys.beginAdding(ann, PAGE);
    const made = await device.makes(creation);
    clock.ms += ms;
    const adding = passkeys.add(ann.id, { name: "Laptop", made, page: PAGE });
    if (inTime) await adding;
    else await rejects(adding, stepOver());
    if (!inTime) await opened.adds();

    const { login, options } = await proofs.ask(ADDRESS, { page: PAGE, session: undefined });
    const owner = await opened.accounts.get(ann.id);
    const second = await proofs.askSecond(owner, { login: "first step", page: PAGE });
    const answers = [await device.uses(options), await device.uses(second)];
    clock.ms += ms;
    equal(proofs.waitsFor(login), inTime);
    const proofsInTurn = [ // for the device counts
      () => proofs.alone(ADDRESS, { login, used: answers[0], page: PAGE }),
      () => proofs.second(ADDRESS, owner, { login: "first step", used: answers[1], page: PAGE }),
    ];
    for (const prove of proofsInTurn) {
      if (inTime) equal((await prove()).id, ann.id);
      else await rejects(prove(), stepOver());
    }
  }
});

Deno.test("what a passkey was used for last is kept: when, and how often by then", async () => {
  await using opened = await open();
  const { accounts, ann, device, proofs } = opened;
  await opened.adds();
  const before = Date.now();
  const { login, options } = await proofs.ask(ADDRESS, { page: PAGE, session: undefined });
  const used = await device.uses(options, { counter: 17 });
  const { passkeys: [passkey] } = await proofs.alone(ADDRESS, { login, used, page: PAGE });
  equal(passkey?.counter, 17);
  ok(passkey.lastUsedAt!.getTime() >= before);
  deepEqual((await accounts.get(ann.id)).passkeys, [passkey]);
});

Deno.test("a passkey is good at the name that it was made for, even where the server has another", async () => {
  await using opened = await open();
  const { device, proofs } = opened;
  await opened.adds();
  const elsewhere = { host: "example.org", origin: "https://example.org" };
  const { login, options } = await proofs.ask(ADDRESS, { page: elsewhere, session: undefined });
  const used = await device.uses(options, { origin: elsewhere.origin });
  await rejects(proofs.alone(ADDRESS, { login, used, page: elsewhere }), wrongPasskey());
});

Deno.test("how a device is reached is told again, as far as that is known", async () => {
  await using opened = await open();
  const { passkeys, device, ann, accounts } = opened;
  const made = await device.makes(await passkeys.beginAdding(ann, PAGE));
  made.response.transports = ["hybrid", "internal", "carrier pigeon", "x".repeat(1_000)];
  await passkeys.add(ann.id, { name: "Laptop", made, page: PAGE });
  const { excludeCredentials } = await passkeys.beginAdding(await accounts.get(ann.id), PAGE);
  deepEqual(excludeCredentials, [{ id: device.id, type: "public-key", transports: ["hybrid", "internal"] }]);
});

Deno.test("strangers who ask for challenges from everywhere keep nobody from the second step, or from adding", async () => {
  await using opened = await open();
  const { proofs, passkeys, ann, accounts } = opened;
  await opened.adds();
  const asks = (address: string) => proofs.ask(address, { page: PAGE, session: undefined });
  for (let count = 0; count < 60; count++) await asks(ADDRESS);
  await rejects(asks(ADDRESS), tooManyAttempts(60));
  for (let count = 60; count < 10_000; count++) await asks(`198.51.${count >> 8}.${count & 255}`);
  await rejects(asks("192.0.2.1"), tooManySteps(300));
  const owner = await accounts.get(ann.id);
  await proofs.askSecond(owner, { login: "first step", page: PAGE });
  await passkeys.beginAdding(owner, PAGE);
});

/** Ann has a device at hand, and no passkey yet. */
async function open() {
  const opened = await openAccounts();
  const { accounts } = opened;
  const clock = { ms: 0 };
  const nowMs = () => clock.ms;
  const limits = { loginsPerMinute: 0, signupsPerHour: 0, signupsPerHourInAll: 0 };
  const loginLimit = new LoginLimit({ limits, now: nowMs });
  const policy = { serverName: "Our chat", requireMfa: "none", passwordLogin: true } as const;
  const waysIn = new WaysIn([], policy);
  const passkeys = new Passkeys({ accounts, policy, waysIn, nowMs });
  const proofs = new PasskeyProofs({ accounts, loginLimit, nowMs });
  const device = await SoftDevice.at(PAGE.origin);
  const ann = await opened.has({});
  const adds = async () => {
    const made = await device.makes(await passkeys.beginAdding(ann, PAGE));
    await passkeys.add(ann.id, { name: "Laptop", made, page: PAGE });
  };
  return { ...opened, passkeys, proofs, device, ann, clock, adds };
}
