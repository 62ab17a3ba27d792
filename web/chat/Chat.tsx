import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Again } from "../entrance/Again.tsx";
import { useNow } from "../shared/now.ts";
import { sentenceOf } from "../shared/sentence.ts";
import { ChattingContext, useChatting } from "./chatting.ts";
import { Composer } from "./Composer.tsx";
import { Deeds } from "./deeds.ts";
import { Icon } from "./Icon.tsx";
import { Messages } from "./Messages.tsx";
import { hour12 } from "./moments.ts";
import { Panels } from "./Panels.tsx";
import { People } from "./People.tsx";
import { personOf, roomOf } from "./place.ts";
import { Places } from "./Places.tsx";
import type { Session } from "./session.ts";
import type { Chat as ChatState } from "./state.ts";
import type { Talk } from "./talk.ts";
import { type Pane, View } from "./view.ts";

/** The chat for somebody who is in: where one can be, what is said there, and who is there. */
export function Chat({ session, chat }: { session: Session; chat: ChatState }) {
  const chatting = useMemo(() => {
    const view = new View();
    return { session, chat, view, deeds: new Deeds({ session, chat, view }) };
  }, [chat]);
  const { view } = chatting;
  useEffect(() => {
    const press = (event: KeyboardEvent) => goByKey(event, chatting);
    addEventListener("keydown", press);
    return () => {
      removeEventListener("keydown", press);
      view[Symbol.dispose]();
    };
  }, [chatting]);
  usePaneFocus(view);
  const talk = chat.here;
  const shown = ["chat", view.people.value && "with-people", hour12 && "twelve-hours"].filter(Boolean).join(
    " ",
  );
  return (
    <ChattingContext.Provider value={chatting}>
      <div class={shown} data-pane={view.pane.value}>
        <div class="skips">
          <button type="button" onClick={() => focusOn("messages")}>Skip to the messages</button>
          <button type="button" onClick={() => focusOn("composer")}>Skip to writing</button>
        </div>
        <Places />
        <main class="talk" aria-label={talk.place}>
          <Head talk={talk} />
          <Standing />
          <Messages key={talk.place} talk={talk} />
          <Foot talk={talk} />
        </main>
        {view.people.value && <People talk={talk} />}
      </div>
      <Announcer />
      <Panels />
      {session.account !== null && (
        <Again
          entrance={session.entrance}
          account={session.account}
          byPasskey={(session.own.factors.info.value?.passkeys.length ?? 0) > 0}
        />
      )}
    </ChattingContext.Provider>
  );
}

/** Where one column is seen at a time, the focus goes along to the one that is seen. */
function usePaneFocus(view: View): void {
  const before = useRef(view.pane.peek());
  useSignalEffect(() => {
    const pane = view.pane.value;
    if (pane === before.current) return;
    before.current = pane;
    if (!view.narrow.peek()) return;
    requestAnimationFrame(() => document.querySelector<HTMLElement>(FIRST_OF[pane])?.focus());
  });
}

/** What has the focus first in a column. */
const FIRST_OF: Readonly<Record<Pane, string>> = {
  places: ".places a[aria-current]",
  talk: ".talk h2",
  people: ".people button",
};

/** What the place is called and about, and what can be opened beside it. */
function Head({ talk }: { talk: Talk }) {
  const { chat, view } = useChatting();
  const room = roomOf(talk.place);
  const person = personOf(talk.place);
  const topic = room === undefined ? "Only you two read this." : chat.rooms.get(room).topic.value;
  return (
    <header>
      <a class="button plain back" href="#" aria-label="Rooms and conversations">
        <Icon name="back" />
      </a>
      <div class="title">
        <h2 tabIndex={-1}>{person ?? talk.place}</h2>
        <p title={topic}>{topic}</p>
      </div>
      <button
        type="button"
        class="plain"
        aria-label="Search"
        title="Search (Ctrl K)"
        onClick={() => view.open({ is: "search", words: "" })}
      >
        <Icon name="search" />
      </button>
      {room !== undefined && (
        <button
          type="button"
          class="plain"
          aria-label={`About ${talk.place}`}
          title={`About ${talk.place}`}
          onClick={() => view.open({ is: "room" })}
        >
          <Icon name="more" />
        </button>
      )}
      <button
        type="button"
        class="plain"
        aria-label="People"
        title="People"
        aria-pressed={view.people.value}
        onClick={() => view.people.value = !view.people.value}
      >
        <Icon name="people" />
      </button>
    </header>
  );
}

/** How the connection stands, where it does not as it should. */
function Standing() {
  const { status } = useChatting().chat;
  return (
    <div role="status" class="standing">{status.value.is === "waiting" && <Waiting {...status.value} />}</div>
  );
}

function Waiting({ untilMs }: { untilMs: number }) {
  const seconds = Math.max(0, Math.ceil((untilMs - useNow()) / 1000));
  return (
    <p>
      The connection is lost. What you write is sent when it is back.
      <span aria-hidden="true">{seconds > 1 && ` Next try in ${seconds} s.`}</span>
    </p>
  );
}

/** Where one writes, or comes in first. */
function Foot({ talk }: { talk: Talk }) {
  const { chat } = useChatting();
  const failure = useSignal<string | undefined>(undefined);
  const room = roomOf(talk.place);
  if (room === undefined || chat.rooms.isJoined(room) || chat.me.value.name === "") {
    return <Composer key={talk.place} talk={talk} />;
  }
  return (
    <div class="composer outside">
      <p role="status">{failure.value ?? `You are not in ${talk.place}.`}</p>
      <button
        type="button"
        class="primary"
        onClick={() => void chat.join(room).catch((error) => failure.value = sentenceOf(error))}
      >
        Enter
      </button>
    </div>
  );
}

/** Reads out what is said where one is, to those who do not see it: what is new and nothing else. */
function Announcer() {
  const { heard } = useChatting().chat;
  return (
    <div class="unseen" role="status" aria-live="polite" aria-label="New messages">
      {heard.value.map(({ id, from, text }) => <p key={id}>{from}: {text}</p>)}
    </div>
  );
}

function focusOn(id: string): void {
  document.getElementById(id)?.focus();
}

/** Somebody begins to write without having gone there: the character still comes to stand where it is to. */
function writes({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const editable = target instanceof HTMLElement && target.matches("input, textarea, select");
  return [...key].length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey && !editable;
}

/** The keys that hold wherever one is on the page. */
function goByKey(event: KeyboardEvent, { chat, view, deeds }: ReturnType<typeof useChatting>): void {
  if (event.defaultPrevented || view.panel.value !== undefined) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "k") {
    event.preventDefault();
    return view.open({ is: "search", words: "" });
  }
  if (event.key === "Escape" || writes(event)) return focusOn("composer");
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!event.altKey || step === undefined) return;
  event.preventDefault();
  const { places } = chat;
  const at = places.indexOf(chat.place.value);
  const next = event.shiftKey ? deeds.nextUnread() : places[(at + step + places.length) % places.length];
  if (next !== undefined) chat.go(next);
}
