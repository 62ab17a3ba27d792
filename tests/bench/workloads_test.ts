import { strict as assert } from "node:assert";
import { seatPeople, type Workload, WORKLOADS } from "../../bench/_workloads.ts";

Deno.test("every room has as many people as it should, and every person is in as many rooms", () => {
  for (const people of [1_000, 2_000, 2_500, 5_000, 10_000]) {
    const { names, roomsOf } = seatPeople(rooms(people));
    const present = names.map(() => new Set<number>());
    for (const [person, itsRooms] of roomsOf.entries()) {
      for (const room of itsRooms) present[room]!.add(person);
    }
    assert.deepEqual(new Set(present.map(({ size }) => size)), new Set([20]), `${people} people`);
  }
});

Deno.test("rooms do not have the same people", () => {
  const { names, roomsOf } = seatPeople(rooms(2_000));
  const present = names.map((): number[] => []);
  for (const [person, itsRooms] of roomsOf.entries()) {
    for (const room of itsRooms) present[room]!.push(person);
  }
  assert.equal(new Set(present.map((people) => people.join())).size, names.length);
});

Deno.test("each speaker has a room of its own to speak in", () => {
  const workload = rooms(2_000);
  const spokenIn = seatPeople(workload).roomsOf.slice(0, workload.speakers).map((itsRooms) =>
    itsRooms.at(-1)
  );
  assert.equal(new Set(spokenIn).size, workload.speakers);
});

Deno.test("people who cannot be seated evenly are refused", () => {
  assert.throws(() => seatPeople(rooms(3_000)), RangeError);
});

function rooms(people: number): Workload {
  return { ...WORKLOADS.find(({ name }) => name === "rooms")!, people };
}
