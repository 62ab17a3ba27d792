/** Signs drawn with one stroke, on a field of 24 by 24. */
const SIGNS = {
  back: "M15 5l-7 7 7 7",
  plus: "M12 5v14M5 12h14",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15.500 15.500 20 20",
  people:
    "M9 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7M2.500 19c.5-3 3-4.500 6.500-4.500s6 1.500 6.500 4.500M16 5.500a3.200 3.200 0 0 1 0 6.200M18 14.800c2 .6 3.200 2 3.500 4.200",
  more:
    "M5 12a.6.6 0 1 0 1.200 0 .6.6 0 1 0-1.200 0M11.400 12a.6.6 0 1 0 1.200 0 .6.6 0 1 0-1.200 0M17.800 12a.6.6 0 1 0 1.200 0 .6.6 0 1 0-1.200 0",
  send: "M12 19V6M6 11l6-6 6 6",
  down: "M12 5v13M6 13l6 6 6-6",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z",
  quiet: "M5 9v6h4l5 4V5L9 9zM18 9l4 6M22 9l-4 6",
  remove: "M5 7h14M10 7V5h4v2M7 7l1 13h8l1-13",
} as const;

/** A sign that says nothing to those who do not see it: what it stands on has a name. */
export function Icon({ name }: { name: keyof typeof SIGNS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SIGNS[name]} />
    </svg>
  );
}
