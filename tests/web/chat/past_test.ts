import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { ulid } from "ulid";
import { Interrupted, Refused } from "../../../web/chat/connection.ts";
import { Past, type Range } from "../../../web/chat/past.ts";
import { idOf, numbered, said } from "./_said.ts";

/** What a server has, which answers when it is told to. */
class History {
  numbers: number[];
  readonly asked: Range[] = [];
  #waiting: (() => void)[] = [];
  #failure: Error | undefined;

  constructor(count: number) {
    this.numbers = numbered(1, count).map((_, index) => index + 1);
  }

  readonly read = async (range: Range) => {
    this.asked.push(range);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#failure !== undefined) throw this.#failure;
    const { after = "", before = "~", limit } = range;
    const within = this.numbers.filter((number) => idOf(number) > after && idOf(number) < before);
    const page = range.after === undefined ? within.slice(-limit) : within.slice(0, limit);
    return { page: page.map((number) => said(number)), more: within.length > page.length };
  };

  /** Answers what was asked, with what there is by now; then with failure, if there is one. */
  async answers(failure?: Error): Promise<void> {
    this.#failure = failure;
    await settled();
    this.#waiting.shift()!();
    await settled();
  }
}

Deno.test("the newest hundred are read first, and a thousand more where somebody scrolls", async () => {
  const { past, history } = openPast(2_500);
  void past.open();
  void past.open(); // once is enough
  await history.answers();
  deepEqual(history.asked, [{ limit: 100 }]);
  deepEqual(numbersIn(past), [2_401, 2_500]);
  for (const first of [1_401, 401, 1]) {
    void past.older();
    void past.older(); // while the first is under way
    await history.answers();
    deepEqual(numbersIn(past), [first, 2_500]);
  }
  equal(past.moreBefore, false);
  void past.older();
  equal(history.asked.length, 4);
});

Deno.test("a note that comes before anything was read stands where it came, whatever is read or told later", async () => {
  const { past, history } = openPast(2);
  past.note("Welcome.", true);
  void past.open();
  await history.answers();
  past.tell({ ...said(3), id: ulid(Date.now() + 1) });
  deepEqual(past.entries.map(({ text, type }) => type === "note" ? text : type), [
    "said",
    "said",
    "Welcome.",
    "said",
  ]);
});

Deno.test("what is told while the end is being read is neither lost nor double", async () => {
  const { past, history } = openPast(3);
  void past.open();
  past.tell(said(4)); // is in the answer as well
  history.numbers.push(4);
  await settled();
  past.tell(said(5)); // is not
  await history.answers();
  past.tell(said(6));
  deepEqual(idsOf(past), [1, 2, 3, 4, 5, 6].map(idOf));
});

Deno.test("before it is opened nothing that is told is kept", async () => {
  const { past, history } = openPast(3);
  past.tell(said(3));
  deepEqual(past.entries, []);
  void past.open();
  await history.answers();
  deepEqual(numbersIn(past), [1, 3]);
});

Deno.test("after a reconnect all that was missed is there, and what was deleted is not", async () => {
  const { past, history } = openPast(200);
  void past.open();
  await history.answers();
  past.cutOff();
  past.tell(said(999)); // is of another time: the end is not there
  history.numbers = history.numbers.filter((number) => number !== 190);
  history.numbers.push(201, 202);
  const read = past.readAgain();
  await settled();
  past.tell(said(203));
  await history.answers();
  deepEqual(idsOf(past).slice(-5), [199, 200, 201, 202, 203].map(idOf));
  equal(idsOf(past).includes(idOf(190)), false);
  equal((await read)!.at(-1)!.id, idOf(202));
  equal(past.moreAfter, false);
});

Deno.test("who has missed very much reads the first of it, and goes on from there", async () => {
  const { past, history } = openPast(100);
  void past.open();
  await history.answers();
  past.cutOff();
  history.numbers = numbered(1, 9_000).map((_, index) => index + 1);
  const read = past.readAgain();
  for (let page = 0; page < 5; page++) await history.answers();
  await read;
  equal(past.moreAfter, true);
  past.tell(said(9_001));
  equal(idsOf(past).includes(idOf(9_001)), false);
  const last = numbersIn(past)[1]!;
  void past.newer();
  await history.answers();
  deepEqual(numbersIn(past), [1, last + 1_000]);
  void past.toEnd();
  await history.answers();
  deepEqual([...numbersIn(past), past.moreBefore, past.moreAfter], [8_901, 9_000, true, false]);
});

Deno.test("one goes to where something was said, and from there on both ways", async () => {
  const { past, history } = openPast(3_000);
  void past.goTo(idOf(1_500));
  await history.answers();
  await history.answers();
  deepEqual([...numbersIn(past), past.moreBefore, past.moreAfter], [1_400, 2_499, true, true]);
  void past.goTo(idOf(1_450)); // is there already
  equal(history.asked.length, 2);
  void past.newer();
  await history.answers();
  deepEqual([...numbersIn(past), past.moreAfter], [1_400, 3_000, false]);
});

Deno.test("one goes there without a gap, also while the end is just being read", async () => {
  const { past, history } = openPast(3_000);
  void past.open();
  void past.goTo(idOf(1_500));
  for (let answers = 0; answers < 3; answers++) await history.answers();
  deepEqual([...numbersIn(past), past.entries.length, past.moreAfter], [1_400, 2_499, 1_100, true]);
  void past.newer();
  await history.answers();
  past.tell(said(3_001));
  deepEqual([...numbersIn(past), past.moreAfter], [1_400, 3_001, false]);
});

Deno.test("one goes to the very first message, too", async () => {
  const { past, history } = openPast(3);
  void past.goTo(idOf(1));
  await history.answers();
  await history.answers();
  deepEqual(numbersIn(past), [1, 3]);
});

Deno.test("why it could not be read is said, unless the connection was lost: then it is read when that is back", async () => {
  const { past, history } = openPast(3);
  void past.open();
  await history.answers(new Interrupted());
  deepEqual([past.failure.value, past.opened], [undefined, false]);
  void past.open();
  await history.answers(new Refused({ code: "no_such_room", text: "There is no room #x." }));
  deepEqual([past.failure.value, past.opened], ["There is no room #x.", false]);
  void past.open();
  await history.answers();
  deepEqual([past.failure.value, past.opened, ...numbersIn(past)], [undefined, true, 1, 3]);
});

function openPast(count: number) {
  const history = new History(count);
  return { history, past: new Past(history.read, () => {}) };
}

function idsOf({ entries }: Past): string[] {
  return entries.map(({ id }) => id);
}

/** The first and the last, by their numbers. */
function numbersIn({ entries }: Past): number[] {
  return [entries[0], entries.at(-1)].map((entry) => Number(entry!.text));
}

/** All that can go on without anything from outside has. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
