import { match, strictEqual as equal, throws } from "node:assert/strict";
import { Pending } from "../../../server/accounts/pending.ts";
import { stepOver, tooManySteps } from "../../../server/refusals.ts";

Deno.test("what waits is found again and again under its name, and taken once", () => {
  const pending = new Pending<string>({ lifetimeMs: 1_000, nowMs: () => 0 });
  const [ann, bob] = [pending.put("ann"), pending.put("bob")];
  for (const name of [ann, bob]) match(name, /^[\w-]{43}$/); // 256 bits
  equal(ann === bob, false);
  equal(pending.find(ann), "ann");
  equal(pending.find(ann), "ann");
  equal(pending.take(ann), "ann");
  equal(pending.find(ann), undefined);
  throws(() => pending.take(ann), stepOver());
  equal(pending.take(bob), "bob");
});

Deno.test("what nobody has put there is not there", () => {
  const pending = new Pending<string>({ lifetimeMs: 1_000, nowMs: () => 0 });
  pending.put("ann");
  for (const name of ["", "ann", "__proto__", "x".repeat(100_000)]) {
    equal(pending.find(name), undefined);
    throws(() => pending.take(name), stepOver());
    pending.forget(name);
  }
});

Deno.test("what waits is over when its time is, to the millisecond", () => {
  const clock = { ms: 1_000 };
  const pending = new Pending<string>({ lifetimeMs: 300_000, nowMs: () => clock.ms });
  const [early, late] = [pending.put("early"), pending.put("late")];
  clock.ms += 299_999;
  equal(pending.take(early), "early");
  equal(pending.find(late), "late");
  clock.ms += 1;
  equal(pending.find(late), undefined);
  throws(() => pending.take(late), stepOver());
});

Deno.test("what is forgotten is over", () => {
  const pending = new Pending<string>({ lifetimeMs: 1_000, nowMs: () => 0 });
  const name = pending.put("ann");
  pending.forget(name);
  equal(pending.find(name), undefined);
});

Deno.test("only so many wait at a time, and none has to go for another", () => {
  const clock = { ms: 0 };
  const pending = new Pending<number>({ lifetimeMs: 60_000, most: 3, nowMs: () => clock.ms });
  const names = [1, 2, 3].map((value) => pending.put(value));
  throws(() => pending.put(4), tooManySteps(60));
  equal(pending.take(names[1]!), 2);
  pending.put(4);
  throws(() => pending.put(5), tooManySteps(60));
  clock.ms = 60_000;
  for (const value of [5, 6, 7]) pending.put(value);
});
