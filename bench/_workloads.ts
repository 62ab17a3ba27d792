import { type DialectName, LOBBY } from "./_dialects.ts";

/** Who is there and who talks how much. */
export interface Workload {
  readonly name: string;
  /** For people. */
  readonly what: string;
  readonly people: number;
  /** The first so many talk, in turn. */
  readonly speakers: number;
  /** How much all say together; or how many messages are under way for each speaker, as fast as it goes. */
  readonly pace: Pace;
  /** All in the lobby, or so many rooms, in each of which so many are; everybody is in as many. */
  readonly seats: "lobby" | { readonly rooms: number; readonly each: number };
  /** The people take them in turn; undefined: what the server speaks. */
  readonly dialects?: readonly DialectName[];
}

export type Pace = { readonly perSecond: number } | { readonly window: number };

export const WORKLOADS: readonly Workload[] = [
  {
    name: "quiet",
    what: "300 in one room, one talks, 20 messages/s",
    people: 300,
    speakers: 1,
    pace: { perSecond: 20 },
    seats: "lobby",
  },
  {
    name: "busy",
    what: "300 in one room, 50 talk, 300 messages/s",
    people: 300,
    speakers: 50,
    pace: { perSecond: 300 },
    seats: "lobby",
  },
  {
    name: "saturated",
    what: "300 in one room, 50 talk as fast as it goes, two messages of each under way",
    people: 300,
    speakers: 50,
    pace: { window: 2 },
    seats: "lobby",
  },
  {
    name: "crowd",
    what: "2,000 in one room, one talks, 5 messages/s",
    people: 2_000,
    speakers: 1,
    pace: { perSecond: 5 },
    seats: "lobby",
  },
  {
    name: "rooms",
    what: "500 rooms of 20, which are 10,000 seats; in each a message a second",
    people: 2_000,
    speakers: 500,
    pace: { perSecond: 500 },
    seats: { rooms: 500, each: 20 },
  },
  {
    name: "idle",
    what: "10,000 in one room, one message a second",
    people: 10_000,
    speakers: 1,
    pace: { perSecond: 1 },
    seats: "lobby",
    dialects: ["text"],
  },
  {
    name: "mixed",
    what: "busy, a third each by lines of text, by JSON and over WebSockets",
    people: 300,
    speakers: 50,
    pace: { perSecond: 300 },
    seats: "lobby",
    dialects: ["text", "json", "websocket"],
  },
];

/** How far apart the rooms of one person are: no two people have the same ones, and no two rooms the same people. */
const STRIDES = [0, 1, 7, 31, 113, 197, 251, 307, 389, 449];

/**
 * The names of the rooms and who is where: person → numbers of rooms.
 *
 * @throws {RangeError} where the seats cannot be shared out evenly
 */
export function seatPeople({ people, seats }: Workload): { names: string[]; roomsOf: number[][] } {
  if (seats === "lobby") return { names: [LOBBY], roomsOf: Array.from({ length: people }, () => [0]) };
  const strides = STRIDES.slice(0, seats.rooms * seats.each / people);
  if (strides.length * people !== seats.rooms * seats.each || people % seats.rooms !== 0) {
    throw new RangeError(`Cannot seat ${people} people in ${seats.rooms} rooms of ${seats.each}`);
  }
  return {
    names: Array.from({ length: seats.rooms }, (_, room) => `room${room}`),
    roomsOf: Array.from(
      { length: people },
      (_, person) => strides.map((stride) => (person + stride) % seats.rooms),
    ),
  };
}
