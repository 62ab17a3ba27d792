import { deepStrictEqual as deepEqual, match, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { Secret, TOTP } from "otpauth";
import type { Account, Passkey } from "../../../server/accounts/account_store.ts";
import {
  lacksSecondFactor,
  Mfa,
  type MfaPolicy,
  mustHaveSecondFactor,
  secondFactorsOf,
} from "../../../server/accounts/mfa.ts";
import {
  mfaAlreadyOn,
  mfaNotOn,
  mfaStaysOn,
  stepOver,
  tooManyCodes,
  wrongCode,
} from "../../../server/refusals.ts";
import { anAccount } from "../../support/an_account.ts";
import { openAccounts } from "../../support/open_accounts.ts";

/** "12345678901234567890", as RFC 6238 has it, in Base32. */
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

const STEP_MS = 30_000;
const HOUR_MS = 3_600_000;
const DAY = "2026-02-03T04:05:06.789Z";
const WRONG = "wrong_code";

/** RFC 6238, appendix B, SHA-1: seconds since 1970, and the last six of eight digits. */
const VECTORS: readonly [seconds: number, code: string][] = [
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_111_111_111, "050471"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
  [20_000_000_000, "353130"],
];

for (const [seconds, code] of VECTORS) {
  Deno.test(`${seconds} s after 1970 the code of RFC 6238 is ${code}, typed in whatever way`, async () => {
    const spellings = [
      code,
      ` ${code} `,
      `${code.slice(0, 3)} ${code.slice(3)}`,
      code.replace(/(...)/, "$1-"),
    ];
    for (const spelled of spellings) {
      await using opened = await open({ at: seconds * 1_000 });
      equal(await opened.mfa.take(opened.ann.id, spelled), "code");
    }
  });
}

Deno.test("a code is good for a half minute before its own and after it, to the millisecond", async () => {
  const cases: readonly [ms: number, good: boolean][] = [
    [-STEP_MS - 1, false],
    [-STEP_MS, true],
    [0, true],
    [STEP_MS - 1, true],
    [2 * STEP_MS - 1, true],
    [2 * STEP_MS, false],
  ];
  const begin = 40_000_000 * STEP_MS;
  for (const [ms, good] of cases) {
    await using opened = await open({ at: begin + ms });
    equal(await isTaken(opened, codeAt(begin)), good, `${ms} ms`);
  }
});

Deno.test("a code is never good twice, nor is one from before the last that was used", async () => {
  await using opened = await open();
  const { mfa, ann, clock } = opened;
  const [before, now, next] = [-1, 0, 1].map((steps) => codeAt(clock.ms + steps * STEP_MS));
  await mfa.take(ann.id, now!);
  for (const code of [now!, before!]) await rejects(mfa.take(ann.id, code), wrongCode());
  await mfa.take(ann.id, next!);
  clock.ms += STEP_MS;
  for (const code of [next!, now!]) await rejects(mfa.take(ann.id, code), wrongCode());
  clock.ms += STEP_MS;
  await mfa.take(ann.id, codeAt(clock.ms));
});

Deno.test("of many who come with one code at once one is taken", async () => {
  await using opened = await open();
  const code = codeAt(opened.clock.ms);
  const taken = await Promise.all(Array.from({ length: 10 }, () => isTaken(opened, code)));
  equal(taken.filter((good) => good).length, 1);
});

Deno.test("what was used is known to a server that starts anew", async () => {
  await using opened = await open();
  const code = codeAt(opened.clock.ms);
  await opened.mfa.take(opened.ann.id, code);
  const anew = new Mfa({ accounts: opened.accounts, policy: POLICY, now: () => opened.clock.ms });
  await rejects(anew.take(opened.ann.id, code), wrongCode());
});

Deno.test("a clock that is set back makes no code good again; recovery codes are good all the while", async () => {
  await using opened = await open();
  const { mfa, clock } = opened;
  const { bob, recoveryCodes } = await switchedOn(opened);
  await mfa.take(bob.id, codeAt(clock.ms + STEP_MS, bob.secret));
  clock.ms -= HOUR_MS;
  await rejects(mfa.take(bob.id, codeAt(clock.ms, bob.secret)), wrongCode());
  equal(await mfa.take(bob.id, recoveryCodes[0]!), "recovery code");
  clock.ms += HOUR_MS;
  await rejects(mfa.take(bob.id, codeAt(clock.ms, bob.secret)), wrongCode());
  clock.ms += 2 * STEP_MS;
  await mfa.take(bob.id, codeAt(clock.ms, bob.secret));
});

Deno.test("a clock that is set ahead, and back by as little as a step, goes on with the next code", async () => {
  await using opened = await open();
  const { mfa, ann, clock } = opened;
  clock.ms += HOUR_MS;
  await mfa.take(ann.id, codeAt(clock.ms));
  clock.ms -= STEP_MS;
  await rejects(mfa.take(ann.id, codeAt(clock.ms)), wrongCode());
  clock.ms += 2 * STEP_MS;
  await mfa.take(ann.id, codeAt(clock.ms));
});

Deno.test("what is no code is none", async () => {
  await using opened = await open();
  const right = codeAt(opened.clock.ms);
  const other = String((Number(right) + 1) % 1_000_000).padStart(6, "0");
  const fullWidth = right.replace(/./g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
  for (
    const typed of [
      "",
      "1",
      other,
      `${right}0`,
      right.slice(1),
      fullWidth,
      "x".repeat(100_000),
      "-".repeat(9),
    ]
  ) {
    await rejects(opened.mfa.take(opened.ann.id, typed), wrongCode(), typed.slice(0, 20));
  }
  await opened.mfa.take(opened.ann.id, right);
});

Deno.test("who has no codes has none that is right", async () => {
  await using opened = await open();
  const bob = await opened.has({ id: BOB, name: "bob" });
  await rejects(opened.mfa.take(bob.id, "000000"), wrongCode());
  await rejects(opened.mfa.take(bob.id, "BCDF-GHJK-MNPQ-RSTV"), wrongCode());
});

Deno.test("twenty wrong codes in an hour are borne, from wherever; recovery codes are still taken then", async () => {
  await using opened = await open();
  const { mfa, clock } = opened;
  const { bob, recoveryCodes } = await switchedOn(opened);
  clock.ms += 2 * STEP_MS;
  for (let count = 0; count < 20; count++) {
    await rejects(mfa.take(bob.id, "no code"), wrongCode());
    clock.monotonicMs += 1_000;
  }
  await rejects(mfa.take(bob.id, codeAt(clock.ms, bob.secret)), tooManyCodes(3_600 - 20));
  for (const code of recoveryCodes) equal(await mfa.take(bob.id, code), "recovery code");
  await mfa.take(opened.ann.id, codeAt(clock.ms)); // nobody else waits
  clock.monotonicMs += HOUR_MS - 20_000;
  await mfa.take(bob.id, codeAt(clock.ms, bob.secret));
});

Deno.test("wrong codes wait no less long when the clock is set ahead", async () => {
  await using opened = await open();
  const { mfa, ann, clock } = opened;
  for (let count = 0; count < 20; count++) await rejects(mfa.take(ann.id, "no code"), wrongCode());
  clock.ms += 24 * HOUR_MS;
  await rejects(mfa.take(ann.id, codeAt(clock.ms)), tooManyCodes(3_600));
});

Deno.test("codes guessed at once are counted one by one", async () => {
  await using opened = await open();
  const refused = await Promise.all(Array.from({ length: 50 }, async () => {
    try {
      await opened.mfa.take(opened.ann.id, "no code");
      return "taken";
    } catch (error) {
      return (error as { code: string }).code;
    }
  }));
  equal(refused.filter((code) => code === WRONG).length, 20);
  equal(refused.filter((code) => code === "too_many_codes").length, 30);
});

Deno.test("a secret is 160 random bits, and what an app reads of it says whose it is and where", async () => {
  await using opened = await open();
  const bob = await opened.has({ id: BOB, name: "bob", username: "bob@example.org" });
  const { secret, uri } = opened.mfa.begin(bob);
  match(secret, /^[A-Z2-7]{32}$/);
  ok(secret !== opened.mfa.begin(bob).secret);
  const { protocol, host, pathname, searchParams } = new URL(uri);
  deepEqual([protocol, host], ["otpauth:", "totp"]);
  equal(decodeURIComponent(pathname), "/Our chat:bob@example.org");
  deepEqual(Object.fromEntries(searchParams), {
    issuer: "Our chat",
    secret,
    algorithm: "SHA1",
    digits: "6",
    period: "30",
  });
});

Deno.test("codes are on with the first one, which is used up by that", async () => {
  await using opened = await open();
  const { mfa, clock, accounts } = opened;
  const bob = await opened.has({ id: BOB, name: "bob" });
  const first = mfa.begin(bob);
  const second = mfa.begin(bob); // only the last one counts
  await rejects(mfa.switchOn(BOB, "000000"), wrongCode());
  await rejects(mfa.switchOn(BOB, codeAt(clock.ms, first.secret)), wrongCode());
  equal((await accounts.get(BOB)).totp, undefined);
  const code = codeAt(clock.ms, second.secret);
  equal((await mfa.switchOn(BOB, code)).length, 10);
  const { totp } = await accounts.get(BOB);
  deepEqual([totp?.secret, totp?.since], [second.secret, new Date(clock.ms)]);
  await rejects(mfa.take(BOB, code), wrongCode());
  await rejects(mfa.switchOn(BOB, code), stepOver());
  await rejects(async () => mfa.begin(await accounts.get(BOB)), mfaAlreadyOn());
});

Deno.test("a secret waits ten minutes for its first code, and for its own account's", async () => {
  await using opened = await open();
  const { mfa, clock } = opened;
  for (const [id, name] of [[BOB, "bob"], [EVE, "eve"]] as const) await opened.has({ id, name });
  const { secret } = mfa.begin(anAccount({ id: BOB }));
  await rejects(mfa.switchOn(EVE, codeAt(clock.ms, secret)), stepOver());
  clock.monotonicMs += 599_999;
  await rejects(mfa.switchOn(BOB, "000000"), wrongCode());
  clock.monotonicMs += 1;
  await rejects(mfa.switchOn(BOB, codeAt(clock.ms, secret)), stepOver());
});

Deno.test("of two who switch codes on at once one is given recovery codes, and they are the ones that are good", async () => {
  await using opened = await open();
  const { mfa, clock } = opened;
  const bob = await opened.has({ id: BOB, name: "bob" });
  const code = codeAt(clock.ms, mfa.begin(bob).secret);
  const both = await Promise.allSettled([mfa.switchOn(BOB, code), mfa.switchOn(BOB, code)]);
  const given = both.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  equal(given.length, 1);
  equal(await mfa.take(BOB, given[0]![0]!), "recovery code");
});

Deno.test("each recovery code is good once, typed in whatever way, and for its own account", async () => {
  await using opened = await open();
  const { mfa } = opened;
  const { bob, recoveryCodes } = await switchedOn(opened);
  equal(new Set(recoveryCodes).size, 10);
  for (const [index, code] of recoveryCodes.entries()) {
    match(code, /^[A-Z]{4}(-[A-Z]{4}){3}$/);
    await rejects(mfa.take(opened.ann.id, code), wrongCode());
    const spellings = [code, code.toLowerCase(), code.replaceAll("-", ""), ` ${code.replaceAll("-", " ")} `];
    equal(await mfa.take(bob.id, spellings[index % spellings.length]!), "recovery code");
    await rejects(mfa.take(bob.id, code), wrongCode());
  }
  deepEqual((await opened.accounts.get(bob.id)).recoveryCodes, []);
});

Deno.test("of many who come with one recovery code at once one is taken", async () => {
  await using opened = await open();
  const { bob, recoveryCodes: [code] } = await switchedOn(opened);
  const takes = Array.from({ length: 10 }, () => opened.mfa.take(bob.id, code!));
  const taken = await Promise.allSettled(takes);
  equal(taken.filter(({ status }) => status === "fulfilled").length, 1);
  equal((await opened.accounts.get(bob.id)).recoveryCodes.length, 9);
});

Deno.test("what is kept of recovery codes cannot be used as one, and is not the same for two accounts", async () => {
  await using opened = await open();
  const { bob, recoveryCodes } = await switchedOn(opened);
  const { recoveryCodes: kept } = await opened.accounts.get(bob.id);
  equal(kept.length, 10);
  for (const digest of kept) match(digest, /^[0-9a-f]{64}$/);
  const all = JSON.stringify(kept);
  for (const code of recoveryCodes) {
    ok(!all.includes(code) && !all.includes(code.replaceAll("-", "")));
    const bare = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code)));
    ok(!kept.includes(bare.toHex()), "a table of digests would find it");
  }
  await rejects(opened.mfa.take(bob.id, kept[0]!), wrongCode());
});

Deno.test("other recovery codes take the place of those before, for a code or the last of those", async () => {
  await using opened = await open();
  const { mfa, clock } = opened;
  const { bob, recoveryCodes: [old, last] } = await switchedOn(opened);
  await rejects(mfa.renewRecoveryCodes(bob.id, "000000"), wrongCode());
  clock.ms += STEP_MS;
  const renewed = await mfa.renewRecoveryCodes(bob.id, codeAt(clock.ms, bob.secret));
  equal(renewed.length, 10);
  await rejects(mfa.take(bob.id, old!), wrongCode());
  await rejects(mfa.renewRecoveryCodes(bob.id, last!), wrongCode());
  equal((await mfa.renewRecoveryCodes(bob.id, renewed[0]!)).length, 10);
  await rejects(mfa.take(bob.id, renewed[1]!), wrongCode());
});

Deno.test("codes are switched off by one, and then nothing of them is left", async () => {
  await using opened = await open();
  const { mfa, accounts, clock } = opened;
  const { bob, recoveryCodes } = await switchedOn(opened);
  await rejects(mfa.switchOff(bob.id, "000000"), wrongCode());
  ok((await accounts.get(bob.id)).totp);
  clock.ms += STEP_MS;
  await mfa.switchOff(bob.id, codeAt(clock.ms, bob.secret));
  const { totp, recoveryCodes: kept } = await accounts.get(bob.id);
  deepEqual([totp, kept], [undefined, []]);
  await rejects(mfa.take(bob.id, recoveryCodes[0]!), wrongCode());
  await rejects(mfa.switchOff(bob.id, recoveryCodes[0]!), mfaNotOn());
  await rejects(mfa.renewRecoveryCodes(bob.id, recoveryCodes[0]!), mfaNotOn());
});

Deno.test("codes stay on where the operator wants a second factor and there is no other", async () => {
  await using opened = await open({ requireMfa: "everyone" });
  const { mfa, accounts, ann, clock } = opened;
  await rejects(mfa.switchOff(ann.id, codeAt(clock.ms)), mfaStaysOn());
  await accounts.changePasskeys(ann.id, () => [PASSKEY]);
  await mfa.switchOff(ann.id, codeAt(clock.ms)); // the code was not used up by the refusal
});

Deno.test("who must have a second factor, and what is asked for then", () => {
  const totp = { secret: SECRET, since: new Date(DAY), lastStep: 0 };
  const passkeys = [PASSKEY];
  const cases: readonly [
    policy: MfaPolicy,
    differing: Partial<Account>,
    must: boolean,
    lacks: boolean,
    asked: string,
  ][] = [
    ["none", {}, false, false, ""],
    ["none", { role: "admin" }, false, false, ""],
    ["none", { totp }, false, false, "code"],
    ["none", { passkeys }, false, false, ""],
    ["none", { totp, passkeys }, false, false, "code passkey"],
    ["admins", {}, false, false, ""],
    ["admins", { role: "moderator", passkeys }, false, false, ""],
    ["admins", { role: "admin" }, true, true, ""],
    ["admins", { role: "admin", passkeys }, true, false, "passkey"],
    ["admins", { role: "admin", totp }, true, false, "code"],
    ["everyone", {}, true, true, ""],
    ["everyone", { totp }, true, false, "code"],
    ["everyone", { passkeys }, true, false, "passkey"],
    ["everyone", { totp, passkeys }, true, false, "code passkey"],
  ];
  for (const [policy, differing, must, lacks, asked] of cases) {
    const account = anAccount(differing);
    const what = `${policy} ${JSON.stringify(Object.keys(differing))} ${account.role}`;
    equal(mustHaveSecondFactor(account, policy), must, what);
    equal(lacksSecondFactor(account, policy), lacks, what);
    equal(secondFactorsOf(account, policy).join(" "), asked, what);
  }
});

const BOB = "01J0000000000000000000000B", EVE = "01J0000000000000000000000E";

const POLICY = { serverName: "Our chat", requireMfa: "none" } as const;

const PASSKEY: Passkey = {
  id: "AAECAwQFBgcICQoLDA0ODw",
  name: "Laptop",
  publicKey: new Uint8Array(77),
  counter: 0,
  transports: ["internal"],
  host: "localhost",
  createdAt: new Date(DAY),
  lastUsedAt: undefined,
};

/** Ann has codes, made by the secret of RFC 6238; none was used yet. */
async function open(
  { at = Date.parse(DAY), requireMfa = "none" }: { at?: number; requireMfa?: MfaPolicy } = {},
) {
  const opened = await openAccounts();
  const clock = { ms: at, monotonicMs: 0 };
  const totp = { secret: SECRET, since: new Date(0), lastStep: 0 };
  const ann = await opened.has({ totp });
  const mfa = new Mfa({
    accounts: opened.accounts,
    policy: { ...POLICY, requireMfa },
    now: () => clock.ms,
    nowMs: () => clock.monotonicMs,
  });
  return { ...opened, mfa, ann, clock };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** Bob has just switched codes on. */
async function switchedOn(
  { mfa, clock, has }: Opened,
): Promise<{ bob: { id: string; secret: string }; recoveryCodes: readonly string[] }> {
  const { secret } = mfa.begin(await has({ id: BOB, name: "bob" }));
  const recoveryCodes = await mfa.switchOn(BOB, codeAt(clock.ms, secret));
  return { bob: { id: BOB, secret }, recoveryCodes };
}

async function isTaken({ mfa, ann }: Opened, code: string): Promise<boolean> {
  try {
    await mfa.take(ann.id, code);
    return true;
  } catch (error) {
    equal((error as { code?: string }).code, WRONG);
    return false;
  }
}

function codeAt(timestamp: number, secret = SECRET): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
}
