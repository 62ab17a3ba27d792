import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Field } from "../shared/Field.tsx";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { sentenceOf } from "../shared/sentence.ts";
import { bound } from "./bound.ts";
import { useChatting } from "./chatting.ts";
import { personOf, roomOf } from "./place.ts";
import { isAtLeast } from "./ranks.ts";

/** How long a mute or a ban may last: as it is typed behind the command, and in words. */
const TIMES = [
  ["10m", "10 minutes"],
  ["1h", "an hour"],
  ["1d", "a day"],
  ["7d", "a week"],
  ["", "for good"],
] as const;

/** Who somebody is, and what one can do about that. */
export function Person({ name, onGone }: { name: string; onGone?: () => void }) {
  const { chat, view, deeds } = useChatting();
  const portrait = useSignal("");
  const notice = useNotice();
  useEffect(() => {
    portrait.value = "";
    deeds.command(`/whois ${name}`).then(
      (text) => portrait.value = text,
      (error) => portrait.value = sentenceOf(error),
    );
  }, [name]);
  const own = name === chat.me.value.name;
  const ignored = chat.ignored.value.has(name.toLowerCase());
  function write(): void {
    onGone?.();
    deeds.writeTo(name);
  }
  async function change(deed: Promise<string>): Promise<void> {
    await deed.then(notice.tell, notice.fail);
  }
  return (
    <div class="person">
      <p class="about">{portrait.value}</p>
      {!own && (
        <div class="row">
          {personOf(chat.place.value) !== name && (
            <>
              <button type="button" class="primary small" onClick={write}>Write privately</button>
              <button type="button" class="small" onClick={() => view.mention(name)}>Answer here</button>
            </>
          )}
          <button
            type="button"
            class="small"
            onClick={() => void change(ignored ? deeds.unignore(name) : deeds.ignore(name))}
          >
            {ignored ? "Stop ignoring" : "Ignore"}
          </button>
        </div>
      )}
      {!own && <Power name={name} onDone={(deed) => void change(deed)} />}
      <Notice said={notice.said} />
    </div>
  );
}

/** What moderators and a room's staff may do to somebody. */
function Power({ name, onDone }: { name: string; onDone: (deed: Promise<string>) => void }) {
  const { chat, deeds } = useChatting();
  const why = useSignal("");
  const time = useSignal<string>(TIMES[0][0]);
  const room = roomOf(chat.place.value);
  const everywhere = isAtLeast(chat.me.value.role, "moderator");
  const staff = room !== undefined && chat.rooms.get(room).staff.value;
  if (!everywhere && !staff) return null;
  const act = (...words: string[]) => onDone(deeds.command([...words, why.value].join(" ").trim()));
  const where = everywhere ? "everywhere" : `in #${room}`;
  return (
    <fieldset class="power">
      <legend>Moderation</legend>
      <Field label="Why">
        <input
          {...bound(why)}
          maxLength={200}
        />
      </Field>
      <Field label="For how long" hint={`A mute or a ban holds ${where}.`}>
        <select value={time.value} onChange={({ currentTarget }) => time.value = currentTarget.value}>
          {TIMES.map(([value, words]) => <option key={value} value={value}>{words}</option>)}
        </select>
      </Field>
      <div class="row">
        <button type="button" class="small" onClick={() => act("/kick", name)}>Kick</button>
        <button type="button" class="small" onClick={() => act("/mute", name, time.value || "3650d")}>
          Mute
        </button>
        <button type="button" class="danger small" onClick={() => act("/ban", name, time.value)}>Ban</button>
      </div>
    </fieldset>
  );
}
