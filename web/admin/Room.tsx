import { useSignal } from "@preact/signals";
import type { AdminRoomRow, RoomChange } from "../../server/wire/admin_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import { Field } from "../shared/Field.tsx";
import { useApi } from "./api.ts";
import { Check } from "./Check.tsx";
import { counted } from "./words.ts";

/** Everybody's first room, which is always there and open to all. */
const LOBBY = "lobby";

const MOST_TOPIC_CHARACTERS = 200;
const MOST_KEEP_DAYS = 3_650;

interface RoomProps {
  readonly room: AdminRoomRow;
  readonly onDone: (text: string) => void;
  readonly onClose: () => void;
}

/** One room: how it is, and how it should be. */
export function Room(props: RoomProps) {
  const deleting = useSignal(false);
  return deleting.value
    ? <Delete {...props} />
    : <Change {...props} onDelete={() => deleting.value = true} />;
}

function Change({ room, onDone, onClose, onDelete }: RoomProps & { onDelete: () => void }) {
  const api = useApi();
  const topic = useSignal(room.topic);
  const isPrivate = useSignal(room.private);
  const quiet = useSignal(room.quiet);
  const keepDays = useSignal(room.keep_days === null ? "" : String(room.keep_days));
  const isLobby = room.name === LOBBY;
  async function change(): Promise<void> {
    const wanted = {
      topic: topic.value.trim(),
      private: isPrivate.value,
      quiet: quiet.value,
      keep_days: keepDays.value === "" ? null : Number(keepDays.value),
    };
    await api.changeRoom(room.name, differenceOf(room, wanted));
    onDone(`#${room.name} is as you want it.`);
  }
  return (
    <Confirm title={`#${room.name}`} deed="Save" onConfirm={change} onClose={onClose}>
      <Field label="Topic" hint="Everybody in the room is told of a new one.">
        <input
          autofocus
          maxLength={MOST_TOPIC_CHARACTERS}
          value={topic.value}
          onInput={(event) => topic.value = event.currentTarget.value}
        />
      </Field>
      {!isLobby && (
        <Check
          label="Private"
          hint="Only members and those who are invited can see or enter it."
          checked={isPrivate.value}
          onChange={(checked) => isPrivate.value = checked}
        />
      )}
      <Check
        label="Quiet"
        hint="Its staff speaks, others read."
        checked={quiet.value}
        onChange={(checked) => quiet.value = checked}
      />
      <Field label="Days that messages are kept" hint="Nothing: for as long as the server keeps them.">
        <input
          type="number"
          min={1}
          max={MOST_KEEP_DAYS}
          step={1}
          value={keepDays.value}
          onInput={(event) => keepDays.value = event.currentTarget.value}
        />
      </Field>
      {!isLobby && (
        <p>
          <button type="button" class="small" onClick={onDelete}>Delete this room…</button>
        </p>
      )}
    </Confirm>
  );
}

function Delete({ room: { name, present, members }, onDone, onClose }: RoomProps) {
  const api = useApi();
  async function remove(): Promise<void> {
    const { message } = await api.deleteRoom(name);
    onDone(message);
  }
  return (
    <Confirm title={`Delete #${name}?`} deed="Delete" danger onConfirm={remove} onClose={onClose}>
      <p>
        All that was said in it is gone, and so are its bans and invitations. It has{" "}
        {counted(members, "member")}, of whom {present.toLocaleString()} {present === 1 ? "is" : "are"}{" "}
        present. This cannot be undone.
      </p>
    </Confirm>
  );
}

/** What is to be changed, and nothing else. */
function differenceOf(room: AdminRoomRow, wanted: Required<RoomChange>): RoomChange {
  const fields = Object.entries(wanted).filter(([name, value]) => room[name as keyof RoomChange] !== value);
  return Object.fromEntries(fields);
}
