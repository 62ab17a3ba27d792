import { useSignal } from "@preact/signals";
import { Field } from "../shared/Field.tsx";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { bound } from "./bound.ts";
import { useChatting } from "./chatting.ts";
import type { Room } from "./rooms.ts";

/** What a room is about and how it is, and for its staff how to change that. */
export function RoomPanel({ room }: { room: Room }) {
  const { chat, view, deeds } = useChatting();
  const notice = useNotice();
  const topic = useSignal(room.topic.value);
  const guest = useSignal("");
  const staff = room.staff.value;
  const lobby = room.name === "lobby";
  const act = (text: string, done: string) => notice.attempt(() => deeds.command(text), done);
  return (
    <div class="room">
      {staff
        ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void act(`/topic ${topic.value.trim() || "-"}`, "The topic is set.");
            }}
          >
            <Field label="Topic">
              <input
                {...bound(topic)}
                maxLength={200}
              />
            </Field>
            <button type="submit" class="small">Set the topic</button>
          </form>
        )
        : <p>{room.topic.value || "This room has no topic."}</p>}
      {staff && (
        <label class="check">
          <input
            type="checkbox"
            checked={room.quiet.value}
            onChange={({ currentTarget: { checked } }) =>
              void act(
                `/quiet ${checked ? "on" : "off"}`,
                checked ? "Only the staff speaks now." : "Everybody may speak.",
              )}
          />
          <span>Quiet: only the room’s staff speaks</span>
        </label>
      )}
      {staff && !lobby && (
        <>
          <label class="check">
            <input
              type="checkbox"
              checked={room.closed.value}
              onChange={({ currentTarget: { checked } }) =>
                void act(
                  `/private ${checked ? "on" : "off"}`,
                  checked ? "The room is private." : "The room is open to all.",
                )}
            />
            <span>Private: only members and those who are invited enter (the owner decides)</span>
          </label>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void notice.attempt(async () => {
                await deeds.command(`/invite ${guest.value.trim()}`);
                guest.value = "";
              }, "Invited for 24 hours.");
            }}
          >
            <Field label="Invite somebody">
              <input
                {...bound(guest)}
                required
                autocapitalize="none"
              />
            </Field>
            <button type="submit" class="small">Invite</button>
          </form>
        </>
      )}
      <Notice said={notice.said} />
      {!lobby && chat.rooms.isJoined(room.name) && (
        <p>
          <button
            type="button"
            class="small"
            onClick={() => void chat.part(room.name).then(() => view.close(), notice.fail)}
          >
            Leave #{room.name}
          </button>
        </p>
      )}
    </div>
  );
}
