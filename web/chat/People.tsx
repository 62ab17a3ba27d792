import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { rowWindow } from "../shared/row_window.ts";
import { bound } from "./bound.ts";
import { useChatting } from "./chatting.ts";
import { Name } from "./Name.tsx";
import { Icon } from "./Icon.tsx";
import { Person } from "./Person.tsx";
import { personOf, roomOf } from "./place.ts";
import type { Room } from "./rooms.ts";
import type { Talk } from "./talk.ts";

/** All rows are of one height, in rem as in the style sheet: where one stands is then reckoned. */
const ROW_REM = 2;

/** From so many on, one can look for a name. */
const MANY = 15;

/** Who is in the room that one looks at, or who the other one is. */
export function People({ talk }: { talk: Talk }) {
  const { chat, view } = useChatting();
  const person = personOf(talk.place);
  return (
    <aside class="people" aria-label={person === undefined ? `People in ${talk.place}` : `About ${person}`}>
      {view.narrow.value && (
        <button
          type="button"
          class="plain"
          onClick={() => view.people.value = false}
        >
          <Icon name="back" /> Messages
        </button>
      )}
      {person === undefined ? <Names room={chat.rooms.get(roomOf(talk.place)!)} /> : (
        <div class="portrait">
          <h2>
            <Name name={person} />
          </h2>
          <Person name={person} />
        </div>
      )}
    </aside>
  );
}

function Names({ room }: { room: Room }) {
  const { view, chat } = useChatting();
  const wanted = useSignal("");
  room.roster.changed.value;
  const { names } = room.roster;
  const lower = wanted.value.toLowerCase();
  const shown = lower === "" ? names : names.filter((name) => name.toLowerCase().includes(lower));
  return (
    <>
      <h2 id="people-heading">
        People <small>{names.length}</small>
      </h2>
      {names.length > MANY && (
        <input
          type="search"
          aria-label="Find somebody"
          placeholder="Find somebody"
          {...bound(wanted)}
        />
      )}
      <NameList names={shown} own={chat.me.value.name} onPick={(name) => view.open({ is: "person", name })} />
    </>
  );
}

/** A list of any length, of which only the names in sight are drawn. */
function NameList(
  { names, own, onPick }: { names: readonly string[]; own: string; onPick: (name: string) => void },
) {
  const frame = useRef<HTMLUListElement>(null);
  const scrolled = useSignal({ scrolledPx: 0, heightPx: 800 });
  const rowPx = ROW_REM * parseFloat(getComputedStyle(document.documentElement).fontSize);
  function follow(): void {
    const { scrollTop, clientHeight } = frame.current!;
    scrolled.value = { scrolledPx: scrollTop, heightPx: clientHeight };
  }
  useLayoutEffect(() => {
    const observer = new ResizeObserver(follow);
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  const { from, to } = rowWindow({ ...scrolled.value, rowPx, rows: names.length });
  return (
    <ul
      ref={frame}
      class="names"
      aria-labelledby="people-heading"
      style={{ paddingTop: `${from * rowPx}px`, paddingBottom: `${(names.length - to) * rowPx}px` }}
      onScroll={follow}
      onKeyDown={walk}
    >
      {names.slice(from, to).map((name, index) => (
        <li key={name} aria-setsize={names.length} aria-posinset={from + index + 1}>
          <button
            type="button"
            class="plain"
            onClick={() =>
              onPick(name)}
          >
            <Name name={name} />
            {name === own && <small>you</small>}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The arrows go from name to name. */
function walk(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" } as const;
  const way = step[event.key as keyof typeof step];
  const item = document.activeElement?.closest("li");
  if (way === undefined || item === null || item === undefined) return;
  event.preventDefault();
  item[way]?.querySelector("button")?.focus();
}
