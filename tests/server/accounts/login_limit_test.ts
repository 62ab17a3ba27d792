import { deepStrictEqual as deepEqual, ok, strictEqual as equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { AttemptLimit } from "../../../server/accounts/attempt_limit.ts";
import { LoginLimit, SignupLimit } from "../../../server/accounts/login_limit.ts";
import { tooManyAttempts } from "../../../server/refusals.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;

Deno.test("a key passes as often as is allowed, and not once more", () => {
  const limit = new AttemptLimit({ most: 3, perMs: minuteMs, now: () => 5000 });
  deepEqual([1, 2, 3, 4, 5].map(() => limit.take("ann")), [0, 0, 0, 60, 60]);
  equal(limit.take("bob"), 0);
});

Deno.test("a key may pass again when its first pass is out of the window, to the millisecond", () => {
  const clock = { ms: 0 };
  const limit = new AttemptLimit({ most: 2, perMs: minuteMs, now: () => clock.ms });
  limit.take("ann");
  clock.ms = 1500;
  limit.take("ann");
  const refusals = [[1500, 59], [58_999, 2], [59_000, 1], [59_999, 1]] as const;
  for (const [ms, seconds] of refusals) {
    clock.ms = ms;
    equal(limit.take("ann"), seconds, `at ${ms}`);
  }
  clock.ms = 60_000;
  equal(limit.take("ann"), 0);
  equal(limit.take("ann"), 2, "the second pass is in the way now");
});

Deno.test("what is left is told without using it up", () => {
  const clock = { ms: 0 };
  const limit = new AttemptLimit({ most: 2, perMs: minuteMs, now: () => clock.ms });
  equal(limit.left("ann"), 2);
  equal(limit.secondsUntilFree("ann"), 0);
  limit.take("ann");
  equal(limit.left("ann"), 1);
  limit.take("ann");
  equal(limit.left("ann"), 0);
  equal(limit.secondsUntilFree("ann"), 60);
  clock.ms = minuteMs;
  equal(limit.left("ann"), 2);
});

Deno.test("the maximum may change at any time, and 0 lets everything pass", () => {
  const options = { most: 3, perMs: minuteMs, now: () => 0 };
  const limit = new AttemptLimit(options);
  for (let passes = 0; passes < 3; passes++) equal(limit.take("ann"), 0);
  options.most = 4;
  deepEqual([limit.take("ann"), limit.take("ann")], [0, 60]);
  options.most = 1;
  deepEqual([limit.left("ann"), limit.take("ann")], [0, 60]);
  options.most = 0;
  for (let passes = 0; passes < 100; passes++) equal(limit.take("ann"), 0);
  equal(limit.left("ann"), Infinity);
  options.most = 5;
  deepEqual([limit.left("ann"), limit.take("ann"), limit.take("ann")], [1, 0, 60]);
});

Deno.test("no window ever has more passes than allowed, and none is refused without need", () => {
  const perMs = 1000;
  const attempt = fc.record({
    pauseMs: fc.integer({ min: 0, max: 700 }),
    key: fc.constantFrom("ann", "bob", "eve"),
  });
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 6 }),
    fc.array(attempt, { maxLength: 150 }),
    (most, attempts) => {
      let ms = 0;
      const limit = new AttemptLimit({ most, perMs, now: () => ms });
      const passed = new Map<string, number[]>();
      for (const { pauseMs, key } of attempts) {
        ms += pauseMs;
        const inWindow = (passed.get(key) ?? []).filter((at) => at > ms - perMs);
        equal(limit.left(key), most - inWindow.length);
        const seconds = limit.take(key);
        if (inWindow.length < most) {
          equal(seconds, 0);
          passed.set(key, [...passed.get(key) ?? [], ms]);
        } else {
          equal(seconds, Math.ceil((inWindow[0]! + perMs - ms) / 1000));
        }
      }
      for (const moments of passed.values()) {
        for (const start of moments) {
          ok(moments.filter((at) => at >= start && at < start + perMs).length <= most);
        }
      }
    },
  ));
});

Deno.test("whoever waits as long as told does pass", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 5 }),
    fc.array(fc.integer({ min: 0, max: 160_000 }).map((eighths) => eighths / 8), { maxLength: 30 }),
    (most, pauses) => {
      let ms = 0;
      const limit = new AttemptLimit({ most, perMs: minuteMs, now: () => ms });
      for (const pauseMs of pauses) {
        ms += pauseMs;
        const seconds = limit.take("ann");
        ok(Number.isInteger(seconds) && seconds >= 0);
        if (seconds === 0) continue;
        ms += seconds * 1000;
        equal(limit.take("ann"), 0);
      }
    },
  ));
});

Deno.test("an attack with ever new keys makes the limit forget the oldest, never the latest 50,000", () => {
  const limit = new AttemptLimit({ most: 1, perMs: minuteMs, now: () => 0 });
  for (let key = 0; key <= 100_000; key++) limit.take(`key ${key}`);
  equal(limit.left("key 0"), 1);
  for (let key = 50_001; key <= 100_000; key++) equal(limit.left(`key ${key}`), 0);
});

Deno.test("a key that keeps passing is remembered while others pass their time", () => {
  const clock = { ms: 0 };
  const limit = new AttemptLimit({ most: 3, perMs: minuteMs, now: () => clock.ms });
  for (const ms of [0, 50_000, 100_000, 105_000]) {
    clock.ms = ms;
    equal(limit.take("ann"), 0);
    limit.take(`other at ${ms}`);
  }
  equal(limit.take("ann"), 5, "passed at 50, 100 and 105 s");
});

Deno.test("an address may log in ten times a minute, whatever the account", () => {
  const { limit, clock } = loginLimit();
  for (let attempts = 0; attempts < 10; attempts++) limit.admitLogin("192.0.2.1", `user${attempts}`);
  clock.ms = 12_300;
  throws(() => limit.admitLogin("192.0.2.1", "ann"), tooManyAttempts(48));
  throws(() => limit.admitLogin("::ffff:192.0.2.1", "ann"), tooManyAttempts(48));
  limit.admitLogin("192.0.2.2", "ann");
  clock.ms = minuteMs;
  limit.admitLogin("192.0.2.1", "ann");
});

Deno.test("an account may be tried ten times a minute from one address, which locks out nobody elsewhere", () => {
  const { limit } = loginLimit();
  for (let attempts = 0; attempts < 10; attempts++) limit.admitLogin("2001:db8:1:2::1", "ann");
  throws(() => limit.admitLogin("2001:db8:1:2::2", "ann"), tooManyAttempts(60));
  limit.admitLogin("2001:db8:1:3::1", "ann");
});

Deno.test("a refused log-in uses up nothing", () => {
  const { limit, clock } = loginLimit();
  for (let attempts = 0; attempts < 10; attempts++) limit.admitLogin("192.0.2.1", "ann");
  clock.ms = minuteMs - 1;
  for (let attempts = 0; attempts < 100; attempts++) {
    throws(() => limit.admitLogin("192.0.2.1", "ann"), tooManyAttempts(1));
  }
  clock.ms = minuteMs;
  for (let attempts = 0; attempts < 10; attempts++) limit.admitLogin("192.0.2.1", "ann");
});

Deno.test("log-ins from loopback are limited too", () => {
  const { limit } = loginLimit();
  for (let attempts = 0; attempts < 10; attempts++) limit.admitLogin("127.0.0.1", "ann");
  throws(() => limit.admitLogin("127.0.0.1", "ann"), tooManyAttempts(60));
});

Deno.test("a reload changes how many log-ins are allowed, and 0 allows any number", () => {
  const { limit, maxima } = loginLimit();
  for (let attempts = 0; attempts < 10; attempts++) limit.admitLogin("192.0.2.1", "ann");
  throws(() => limit.admitLogin("192.0.2.1", "ann"), tooManyAttempts(60));
  maxima.loginsPerMinute = 11;
  limit.admitLogin("192.0.2.1", "ann");
  throws(() => limit.admitLogin("192.0.2.1", "ann"), tooManyAttempts(60));
  maxima.loginsPerMinute = 0;
  for (let attempts = 0; attempts < 100; attempts++) limit.admitLogin("192.0.2.1", "ann");
});

Deno.test("an address may sign up five times an hour", () => {
  const { limit, clock } = signupLimit();
  for (let attempts = 0; attempts < 5; attempts++) limit.admit("2001:db8:1:2::1");
  throws(() => limit.admit("2001:db8:1:2:ffff::"), tooManyAttempts(3600));
  limit.admit("2001:db8:1:3::1");
  clock.ms = hourMs - 1;
  throws(() => limit.admit("2001:db8:1:2::1"), tooManyAttempts(1));
  clock.ms = hourMs;
  limit.admit("2001:db8:1:2::1");
});

Deno.test("sixty sign-ups an hour are allowed in all, of which a refused one is none", () => {
  const { limit, clock } = signupLimit();
  for (let attempts = 0; attempts < 59; attempts++) limit.admit(`192.0.2.${attempts}`);
  for (let attempts = 0; attempts < 4; attempts++) limit.admit("127.0.0.1");
  clock.ms = 1000;
  limit.admit("198.51.100.1");
  for (let attempts = 0; attempts < 10; attempts++) {
    throws(() => limit.admit("198.51.100.2"), tooManyAttempts(3599));
  }
  clock.ms = hourMs;
  for (let attempts = 0; attempts < 5; attempts++) limit.admit("198.51.100.2");
  throws(() => limit.admit("198.51.100.2"), tooManyAttempts(3600));
});

Deno.test("who is told to wait for two limits is told the longer wait", () => {
  const { limit, clock, maxima } = signupLimit();
  maxima.signupsPerHourInAll = 6;
  limit.admit("192.0.2.9");
  clock.ms = 600_000;
  for (let attempts = 0; attempts < 5; attempts++) limit.admit("192.0.2.1");
  throws(() => limit.admit("192.0.2.2"), tooManyAttempts(3000));
  throws(() => limit.admit("192.0.2.1"), tooManyAttempts(3600));
});

Deno.test("sign-ups from loopback are neither limited nor counted", () => {
  const { limit } = signupLimit();
  for (let attempts = 0; attempts < 200; attempts++) limit.admit(attempts % 2 ? "127.0.0.1" : "::1");
  for (let attempts = 0; attempts < 60; attempts++) limit.admit(`192.0.2.${attempts}`);
});

Deno.test("either limit of sign-ups may be off", () => {
  const { limit, maxima } = signupLimit();
  maxima.signupsPerHour = 0;
  for (let attempts = 0; attempts < 60; attempts++) limit.admit("192.0.2.1");
  throws(() => limit.admit("192.0.2.1"), tooManyAttempts(3600));
  maxima.signupsPerHourInAll = 0;
  for (let attempts = 0; attempts < 100; attempts++) limit.admit("192.0.2.1");
});

function loginLimit() {
  const { maxima, clock, options } = setUp();
  return { limit: new LoginLimit(options), maxima, clock };
}

function signupLimit() {
  const { maxima, clock, options } = setUp();
  return { limit: new SignupLimit(options), maxima, clock };
}

function setUp() {
  const maxima = { loginsPerMinute: 10, signupsPerHour: 5, signupsPerHourInAll: 60 };
  const clock = { ms: 0 };
  return { maxima, clock, options: { limits: maxima, now: () => clock.ms } };
}
