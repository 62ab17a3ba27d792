/** How one connection looks at the chat. Connections that look alike share one view, and get the same bytes. */
export interface View {
  /** Which of all views it is. */
  readonly number: number;
  /** Lines are led by their time, UTC. */
  readonly timestamps: boolean;
  /** Names are coloured. */
  readonly color: boolean;
  /** Messages are led by their numbers. */
  readonly ids: boolean;
  /** Room messages are led by their room, whichever one looks at. */
  readonly roomFirst: boolean;
}

const ROOM_FIRST = 8;

/** Number → view; each bit of the number is one way of looking. */
const VIEWS: readonly View[] = Array.from({ length: 16 }, (_, number) => ({
  number,
  timestamps: (number & 1) !== 0,
  color: (number & 2) !== 0,
  ids: (number & 4) !== 0,
  roomFirst: (number & ROOM_FIRST) !== 0,
}));

/** How one looks at first. */
export const PLAIN_VIEW: View = VIEWS[0]!;

/** The view that differs from another so. */
export function changedView(view: View, change: Partial<Omit<View, "number">>): View {
  const { timestamps, color, ids, roomFirst } = { ...view, ...change };
  return VIEWS[(timestamps ? 1 : 0) + (color ? 2 : 0) + (ids ? 4 : 0) + (roomFirst ? ROOM_FIRST : 0)]!;
}

/** The view in which room messages are led by their room. For every reader who looks elsewhere, so it makes nothing. */
export function ledByRoom(view: View): View {
  return VIEWS[view.number | ROOM_FIRST]!;
}
