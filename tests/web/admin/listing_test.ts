import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { Listing, type Page, pageOf } from "../../../web/admin/listing.ts";

/** Pages of numbers: 0 to 9, ten at a time, up to a hundred. */
function tens(from: string | undefined): Promise<Page<number>> {
  const first = Number(from ?? 0);
  const rows = Array.from({ length: 10 }, (_, index) => first + index);
  return Promise.resolve({ rows, next: first + 10 < 100 ? String(first + 10) : undefined });
}

Deno.test("as many rows are fetched as are wanted at a time, and again for more", async () => {
  const listing = new Listing(tens, { atATime: 25 });
  equal(listing.rows.value, undefined);
  await listing.load();
  equal(listing.rows.value!.length, 30);
  equal(listing.more.value, true);
  await listing.goOn();
  deepEqual(listing.rows.value, Array.from({ length: 60 }, (_, index) => index));
});

Deno.test("at its end a list has no more", async () => {
  const listing = new Listing(tens, { atATime: 1_000 });
  await listing.load();
  equal(listing.rows.value!.length, 100);
  equal(listing.more.value, false);
  await listing.goOn();
  equal(listing.rows.value!.length, 100);
});

Deno.test("a list is fetched anew as far as it was", async () => {
  const listing = new Listing(tens, { atATime: 10 });
  await listing.load();
  await listing.goOn();
  await listing.refresh();
  equal(listing.rows.value!.length, 20);
  await listing.load();
  equal(listing.rows.value!.length, 10);
});

Deno.test("pages without rows are passed over, but not for ever", async () => {
  let calls = 0;
  const listing = new Listing<number>(() => {
    calls++;
    return Promise.resolve({ rows: [], next: String(calls) });
  }, { atATime: 10 });
  await listing.load();
  deepEqual(listing.rows.value, []);
  equal(listing.more.value, true);
  equal(calls, 20);
  await listing.goOn();
  equal(calls, 40);
});

Deno.test("what comes late of a search that another has overtaken is dropped", async () => {
  const slow = Promise.withResolvers<Page<string>>();
  const answers = [slow.promise, Promise.resolve({ rows: ["new"], next: undefined })];
  const listing = new Listing(() => answers.shift()!, { atATime: 10 });
  const first = listing.load();
  await listing.load();
  slow.resolve({ rows: ["old"], next: undefined });
  await first;
  deepEqual(listing.rows.value, ["new"]);
  equal(listing.busy.value, false);
});

Deno.test("where a list cannot be had it says why, and keeps what it had", async () => {
  const answers: (() => Promise<Page<string>>)[] = [
    () => Promise.resolve({ rows: ["ann"], next: undefined }),
    () => Promise.reject(new Error("The server cannot be reached.")),
    () => Promise.resolve({ rows: ["bob"], next: undefined }),
  ];
  const listing = new Listing(() => answers.shift()!(), { atATime: 10 });
  await listing.load();
  await listing.refresh();
  equal(listing.failure.value, "The server cannot be reached.");
  deepEqual(listing.rows.value, ["ann"]);
  await listing.refresh();
  equal(listing.failure.value, undefined);
  deepEqual(listing.rows.value, ["bob"]);
});

Deno.test("a page goes on behind its last row, where there is more", () => {
  const idOf = (row: string) => row;
  equal(pageOf(["a", "b"], { more: true, idOf }).next, "b");
  equal(pageOf(["a", "b"], { more: false, idOf }).next, undefined);
  equal(pageOf([], { more: true, idOf }).next, undefined);
});
