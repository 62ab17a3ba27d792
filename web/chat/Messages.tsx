import { type Signal, untracked, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useChatting } from "./chatting.ts";
import { beginsDay, continues, type Entry } from "./entry.ts";
import { Icon } from "./Icon.tsx";
import { Message } from "./Message.tsx";
import { MessageTools } from "./MessageTools.tsx";
import { personOf } from "./place.ts";
import { type Row, Scroller } from "./scroller.ts";
import type { Talk } from "./talk.ts";

/** So near to what is loaded the next page is asked for. */
const AHEAD_ROWS = 250;

/** What is said in a place, from the beginning of its history to what is just being sent. */
export function Messages({ talk }: { talk: Talk }) {
  const { chat, view } = useChatting();
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const block = useRef<HTMLDivElement>(null);
  /** What in here has the focus, or had it when it was taken away. */
  const focused = useRef<Element | undefined>(undefined);
  const scroller = useMemo(() => new Scroller(), [talk]);
  /** The id of the row that has the focus, or the pointer over it. */
  const active = useSignal<string | undefined>(undefined);
  /** The id of the message that was looked for, once it is shown. */
  const found = useSignal<string | undefined>(undefined);
  talk.changed.value;
  scroller.moved.value;
  const { entries } = talk;
  const { from, to } = scroller.sync(entries, talk.outgoing.all);

  useLayoutEffect(() => {
    const { current } = frame;
    const observer = new ResizeObserver(() => scroller.resize(current!));
    observer.observe(current!);
    return () => observer.disconnect();
  }, [scroller]);
  useLayoutEffect(() => scroller.settle(content.current!, block.current!));
  useLayoutEffect(() => {
    const isGone = focused.current?.isConnected === false && document.activeElement === document.body;
    if (isGone) frame.current!.focus({ preventScroll: true });
  });
  useEffect(() => chat.status.value.is === "in" ? readAhead(talk, scroller) : undefined);
  useSignalEffect(() => {
    const atEnd = scroller.atEnd.value && view.pane.value === "talk";
    talk.changed.value;
    chat.follow(talk, atEnd && !talk.past.moreAfter);
  });
  useSignalEffect(() => {
    view.endWanted.value;
    untracked(() => scroller.toEnd());
  });
  useSignalEffect(() => {
    const id = view.sought.value;
    talk.changed.value;
    if (id === undefined || scroller.indexOf(id) === undefined) return;
    [found.value, view.sought.value] = [id, undefined];
    untracked(() => scroller.show(id));
  });

  const rows = Array.from({ length: to - from }, (_, index) => scroller.at(from + index)!);
  const place = personOf(talk.place) ?? talk.place;
  return (
    <div class="messages">
      <div
        id="messages"
        ref={frame}
        class="frame"
        role="log"
        aria-live="off"
        aria-label={`Messages in ${place}`}
        aria-busy={talk.past.busy.value}
        tabIndex={0}
        onScroll={() => scroller.scrolled()}
        onKeyDown={(event) => walk(event, { scroller, frame: frame.current!, active })}
        onFocusIn={({ target }) => {
          focused.current = target as Element;
          active.value = rowIdOf(target) ?? active.value;
        }}
        onFocusOut={({ target }) =>
          queueMicrotask(() => {
            if (focused.current === target && focused.current.isConnected) focused.current = undefined;
          })}
        onPointerOver={({ target, pointerType }) => {
          if (pointerType === "mouse" && !isTool(target)) active.value = rowIdOf(target);
        }}
        onPointerLeave={() => active.value = undefined}
        onClick={({ target }) => {
          const person = (target as Element).closest<HTMLElement>("[data-person]")?.dataset.person;
          if (person !== undefined) view.open({ is: "person", name: person });
        }}
      >
        <div ref={content} class="content">
          <div ref={block} class="block" role="list">
            {rows.map((row, index) => (
              <Message
                key={row.id}
                row={row}
                index={from + index}
                {...surroundingsOf(row, { talk, entries, index: from + index, ownName: chat.me.value.name })}
                ownName={chat.me.value.name}
                ownPattern={chat.ownPattern.value}
                sought={row.id === found.value}
                count={talk.past.moreBefore ? -1 : scroller.count}
                onRetry={talk.retry}
                onDiscard={talk.discard}
              />
            ))}
          </div>
          <MessageTools talk={talk} scroller={scroller} active={active} />
        </div>
      </div>
      <State talk={talk} empty={scroller.count === 0} />
      <ToEnd talk={talk} scroller={scroller} />
    </div>
  );
}

/** What stands above a row, and whether it has a head of its own. */
function surroundingsOf(
  row: Row,
  { talk, entries, index, ownName }: {
    talk: Talk;
    entries: readonly Entry[];
    index: number;
    ownName: string;
  },
) {
  const previous = entries[index - 1];
  const after = talk.newAfter.value;
  if (row.type === "pending") {
    const first = index === entries.length;
    const continued = !first ||
      continues({ ...row, type: "said", from: ownName, atMs: row.sinceMs }, previous);
    return { continued, beginsDay: false, beginsNew: false, first: undefined };
  }
  const isNew = after !== undefined && row.id > after;
  return {
    continued: continues(row, previous) && !(isNew && previous!.id <= after),
    beginsDay: beginsDay(row, previous),
    beginsNew: isNew && previous !== undefined && previous.id <= after,
    first: index === 0 && !talk.past.moreBefore ? `This is the beginning of ${nameOf(talk)}.` : undefined,
  };
}

function nameOf({ place }: Talk): string {
  const person = personOf(place);
  return person === undefined ? place : `what you and ${person} have written`;
}

/** Reads on where the reader comes near to the end of what the page has. */
function readAhead(talk: Talk, scroller: Scroller): void {
  const { from, to } = scroller.drawn;
  if (talk.past.failure.value !== undefined || !talk.past.opened) return;
  const fills = to - from < scroller.count;
  if (from < AHEAD_ROWS && !(scroller.atEnd.value && fills)) void talk.past.older();
  if (to > scroller.count - AHEAD_ROWS && !talk.past.busy.value) void talk.past.newer();
}

/** What is to be said where no messages are. */
function State({ talk, empty }: { talk: Talk; empty: boolean }) {
  const { failure, busy, opened, moreBefore } = talk.past;
  if (failure.value !== undefined) {
    return (
      <p class="state" role="alert">
        {failure.value}
        <button type="button" class="small" onClick={() => void talk.reload()}>Try again</button>
      </p>
    );
  }
  if (!empty) {
    return busy.value && moreBefore ? <p class="state loading" aria-hidden="true">Reading…</p> : null;
  }
  if (!opened || busy.value) return null;
  return <p class="state empty">Nothing has been said here yet. Say something.</p>;
}

/** The way back down, and how much has come meanwhile. */
function ToEnd({ talk, scroller }: { talk: Talk; scroller: Scroller }) {
  const { status } = useChatting().chat;
  talk.changed.value;
  const isLater = talk.past.moreAfter && status.value.is === "in" && !talk.past.busy.value;
  if ((scroller.atEnd.value && !isLater) || scroller.count === 0) return null;
  const { count, atLeast } = talk.unread.value;
  function go(): void {
    scroller.toEnd();
    void talk.past.toEnd();
  }
  return (
    <button type="button" class="to-end" onClick={go}>
      <Icon name="down" />
      {count > 0 ? `${count}${atLeast ? "+" : ""} new` : "To the newest"}
    </button>
  );
}

function isTool(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".tools") !== null;
}

function rowIdOf(target: EventTarget | null): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>("[data-id]")?.dataset.id : undefined;
}

/** The arrows go from message to message, Home and End to the first and the last, Enter to what can be done with one; whole pages scroll. */
function walk(
  event: KeyboardEvent,
  { scroller, frame, active }: {
    scroller: Scroller;
    frame: HTMLElement;
    active: Signal<string | undefined>;
  },
): void {
  const inRow = event.target === frame || (event.target as Element).matches("[data-id]");
  if (!inRow || event.altKey || event.ctrlKey || event.metaKey || scroller.count === 0) return;
  if (event.key === "Enter" && active.value !== undefined) {
    event.preventDefault();
    frame.querySelector<HTMLElement>(".tools button")?.focus();
  }
  if (/^Page(Up|Down)$/.test(event.key)) frame.focus({ preventScroll: true }); // the row will be out of sight
  const last = scroller.count - 1;
  const current = active.value === undefined ? undefined : scroller.indexOf(active.value);
  const next = rowBy(event.key, current ?? last + 1, last);
  if (next === undefined) return;
  event.preventDefault();
  if (event.key === "End") scroller.toEnd();
  else scroller.reveal(next);
  const id = active.value = scroller.at(next)!.id;
  requestAnimationFrame(() => {
    frame.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
  });
}

/** The number of the row to which a key leads; undefined for other keys. */
function rowBy(key: string, current: number, last: number): number | undefined {
  const row = { ArrowUp: current - 1, ArrowDown: current + 1, Home: 0, End: last }[key];
  return row === undefined ? undefined : Math.max(0, Math.min(last, row));
}
