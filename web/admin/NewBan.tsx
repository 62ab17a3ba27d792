import { useSignal } from "@preact/signals";
import type { BanRow, NewBan as Wanted } from "../../server/wire/admin_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import { Field } from "../shared/Field.tsx";
import { dateTime } from "../shared/time.ts";
import { useApi } from "./api.ts";
import { Choice } from "./Choice.tsx";

const MOST_REASON_CHARACTERS = 200;

const KINDS = [
  { value: "ban", title: "Ban", text: "Out at once, and kept out." },
  { value: "mute", title: "Mute", text: "Stays and reads, but says nothing." },
] as const satisfies readonly { value: Wanted["kind"]; title: string; text: string }[];

/** What the choice of a length says for one that is typed. */
const OTHER = "other";

const LENGTHS = [
  ["10m", "10 minutes"],
  ["2h", "2 hours"],
  ["1d", "1 day"],
  ["1w", "1 week"],
  ["30d", "30 days"],
  ["", "For good"],
  [OTHER, "Other…"],
] as const;

/** Keeps somebody out, or silent. */
export function NewBan({ onDone, onClose }: { onDone: (text: string) => void; onClose: () => void }) {
  const api = useApi();
  const kind = useSignal<Wanted["kind"]>("ban");
  const target = useSignal("");
  const length = useSignal<(typeof LENGTHS)[number][0]>("1d");
  const typed = useSignal("");
  const reason = useSignal("");
  const room = useSignal("");
  const lengths = kind.value === "ban" ? LENGTHS : LENGTHS.filter(([value]) => value !== "");
  async function impose(): Promise<void> {
    const duration = length.value === OTHER ? typed.value.trim() : length.value;
    const where = room.value.trim().replace(/^#/, "");
    const ban = await api.addBan({
      kind: kind.value,
      target: target.value.trim(),
      reason: reason.value.trim(),
      ...duration === "" ? {} : { duration },
      ...where === "" ? {} : { room: where },
    });
    onDone(sentenceOf(ban));
  }
  function choose(chosen: Wanted["kind"]): void {
    kind.value = chosen;
    if (chosen === "mute" && length.value === "") length.value = "10m"; // nobody is mute for good
  }
  return (
    <Confirm
      title="Ban or mute"
      deed={kind.value === "ban" ? "Ban" : "Mute"}
      danger
      onConfirm={impose}
      onClose={onClose}
    >
      <Choice label="What" options={KINDS} value={kind.value} onChange={choose} />
      <Field
        label="Whom"
        hint={kind.value === "ban"
          ? "A name in chat, an address, or a network such as 192.0.2.0/24 or 2001:db8::/64."
          : "A name in chat."}
      >
        <input
          required
          autofocus
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={target.value}
          onInput={(event) => target.value = event.currentTarget.value}
        />
      </Field>
      {kind.value === "ban" && isNetwork(target.value) && (
        <p>Everybody who comes from there is out, moderators as well; admins are not.</p>
      )}
      <Field label="For how long">
        <select
          value={length.value}
          onChange={(event) => length.value = event.currentTarget.value as typeof length.value}
        >
          {lengths.map(([value, title]) => <option key={value} value={value}>{title}</option>)}
        </select>
      </Field>
      {length.value === OTHER && (
        <Field label="So long" hint="Minutes, hours, days or weeks: 90m, 36h, 3d, 52w.">
          <input
            required
            pattern="\s*\d+\s*[mhdwMHDW]\s*"
            title="A number and m, h, d or w"
            autocomplete="off"
            value={typed.value}
            onInput={(event) =>
              typed.value = event.currentTarget.value}
          />
        </Field>
      )}
      <Field label="Why" hint="They are told, and it stands in the list.">
        <input
          maxLength={MOST_REASON_CHARACTERS}
          autocomplete="off"
          value={reason.value}
          onInput={(event) => reason.value = event.currentTarget.value}
        />
      </Field>
      <Field label="Room" hint="Nothing: on the whole server.">
        <input
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder="#room"
          value={room.value}
          onInput={(event) => room.value = event.currentTarget.value}
        />
      </Field>
    </Confirm>
  );
}

/** What looks like an address or a network is none of the names that there can be. */
function isNetwork(target: string): boolean {
  return /[:/]|^\d+\.\d+\.\d+\.\d+$/.test(target.trim());
}

function sentenceOf({ kind, target, room, until }: BanRow): string {
  const where = room === null ? "" : ` in #${room}`;
  const end = until === null ? "" : ` until ${dateTime(until)}`;
  return `${target} is ${kind === "ban" ? "banned" : "muted"}${where}${end}.`;
}
