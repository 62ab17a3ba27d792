import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { RoomInfo } from "../../server/wire/json_types.ts";
import { sentenceOf } from "../shared/sentence.ts";
import { bound } from "./bound.ts";
import { useChatting } from "./chatting.ts";
import { Icon } from "./Icon.tsx";

/** So many rooms are listed; the field above finds the others. */
const MOST_LISTED = 100;

/** The rooms that one may enter, and a new one. */
export function RoomsPanel() {
  const { chat, view, deeds } = useChatting();
  const rooms = useSignal<readonly RoomInfo[]>([]);
  const wanted = useSignal("");
  const failure = useSignal<string | undefined>(undefined);
  useEffect(() => {
    deeds.listRooms().then((all) => rooms.value = all, (error) => failure.value = sentenceOf(error));
  }, []);
  const name = wanted.value.trim().replace(/^#/, "").toLowerCase();
  const like = rooms.value.filter((room) =>
    room.name.includes(name) || room.topic.toLowerCase().includes(name)
  );
  const isThere = rooms.value.some((room) => room.name === name);
  async function join(room: string): Promise<void> {
    try {
      await chat.join(room);
      view.close();
    } catch (error) {
      failure.value = sentenceOf(error);
    }
  }
  return (
    <form
      class="rooms"
      onSubmit={(event) => {
        event.preventDefault();
        if (name !== "") void join(name);
      }}
    >
      <input
        type="search"
        aria-label="Find a room, or name a new one"
        placeholder="Find a room, or name a new one"
        autocapitalize="none"
        autofocus
        maxLength={33}
        {...bound(wanted)}
      />
      <div role="alert">{failure.value !== undefined && <p class="error">{failure.value}</p>}</div>
      {name !== "" && !isThere && <button type="submit" class="primary wide">Make #{name}</button>}
      <ul class="choices">
        {like.slice(0, MOST_LISTED).map((room) => (
          <li key={room.name}>
            <button type="button" class="plain" onClick={() => void join(room.name)}>
              <span>
                <b>#{room.name}</b>
                {room.private && <Icon name="lock" />}
                {room.quiet && <Icon name="quiet" />}
                <small>{room.present} {room.present === 1 ? "person" : "people"}</small>
                {chat.rooms.isJoined(room.name) && <small>you are in it</small>}
              </span>
              {room.topic !== "" && <em>{room.topic}</em>}
            </button>
          </li>
        ))}
      </ul>
      {like.length > MOST_LISTED && <p class="hint">And {like.length - MOST_LISTED} more.</p>}
    </form>
  );
}
