import { useChatting } from "./chatting.ts";
import { Icon } from "./Icon.tsx";
import { Name } from "./Name.tsx";
import { hashOf, personOf, type Place, roomOf } from "./place.ts";
import { isAtLeast } from "./ranks.ts";

/** The rooms that one is in, and with whom one writes. */
export function Places() {
  const { chat, view } = useChatting();
  const { name, role } = chat.me.value;
  return (
    <nav class="places" aria-label="Rooms and conversations" onKeyDown={walk}>
      <header>
        <h1>{chat.serverName}</h1>
      </header>
      <div class="list">
        <h2>
          Rooms
          <button
            type="button"
            class="plain"
            aria-label="Find or make a room"
            title="Find or make a room"
            onClick={() => view.open({ is: "rooms" })}
          >
            <Icon name="plus" />
          </button>
        </h2>
        <ul>
          {chat.rooms.joined.value.map((room) => <Item key={room} place={`#${room}`} />)}
        </ul>
        <h2>Private</h2>
        <ul>
          {chat.conversations.all.value.map((one) => <Item key={one.with} place={`@${one.with}`} />)}
        </ul>
        {chat.conversations.all.value.length === 0 && (
          <p class="hint">Press somebody’s name to write to them alone.</p>
        )}
      </div>
      <footer>
        <button type="button" class="plain self" onClick={() => view.open({ is: "account" })}>
          <Name name={name} />
          <small>{chat.away.value !== undefined ? "away" : role === "guest" ? "a guest" : role}</small>
        </button>
        <p>
          <a href="/join">Terminal</a>
          {isAtLeast(role, "moderator") && <a href="/admin">Admin</a>}
          <button type="button" class="link" onClick={() => view.open({ is: "help" })}>Help</button>
        </p>
      </footer>
    </nav>
  );
}

function Item({ place }: { place: Place }) {
  const { chat } = useChatting();
  const { count, mentions, atLeast } = chat.talk(place).unread.value;
  const person = personOf(place);
  const calls = person === undefined ? mentions : count;
  return (
    <li>
      <a
        href={hashOf(place)}
        class={count > 0 ? "unread" : undefined}
        aria-current={chat.place.value === place ? "page" : undefined}
      >
        {person === undefined ? <RoomLabel place={place} /> : <PersonLabel name={person} />}
        {count > 0 && (
          <span class={calls > 0 ? "count calls" : "count"}>
            {count}
            {atLeast && "+"}
            <span class="unseen">
              unread{person === undefined && mentions > 0 && `, ${mentions} of them for you`}
            </span>
          </span>
        )}
      </a>
    </li>
  );
}

function RoomLabel({ place }: { place: Place }) {
  const { chat } = useChatting();
  const room = chat.rooms.get(roomOf(place)!);
  return (
    <span class="label">
      <span class="sign" aria-hidden="true">#</span>
      {room.name}
      {room.closed.value && <Icon name="lock" />}
      {room.closed.value && <span class="unseen">(private)</span>}
    </span>
  );
}

function PersonLabel({ name }: { name: string }) {
  const { roster } = useChatting().chat.rooms.lobby;
  roster.changed.value;
  const here = roster.has(name);
  return (
    <span class="label">
      <span class={here ? "presence here" : "presence"} />
      {name}
      <span class="unseen">({here ? "online" : "offline"})</span>
    </span>
  );
}

/** The arrows go up and down the list. */
function walk(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step === undefined || event.altKey) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("li > a")];
  const current = links.indexOf(document.activeElement as HTMLElement);
  const next = links[(current + step + links.length) % links.length];
  event.preventDefault();
  next?.focus();
}
