import { useSignal } from "@preact/signals";
import type { useNotice } from "../shared/Notice.tsx";
import { bound } from "./bound.ts";
import { useChatting } from "./chatting.ts";
import { Section } from "./Section.tsx";

type Noticing = ReturnType<typeof useNotice>;

/** Whether one is there, what one is told, and whom one does not hear. */
export function Presence({ notice }: { notice: Noticing }) {
  return (
    <>
      <Away notice={notice} />
      <Notifications notice={notice} />
      <Ignored notice={notice} />
    </>
  );
}

function Away({ notice }: { notice: Noticing }) {
  const { chat, deeds } = useChatting();
  const word = useSignal("");
  const away = chat.away.value;
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    deeds.beAway(away === undefined ? word.value.trim() : "").then(notice.tell, notice.fail);
  }
  return (
    <form class="row" onSubmit={submit}>
      {away === undefined
        ? (
          <input
            {...bound(word)}
            aria-label="Why you are away"
            placeholder="Away, because …"
            maxLength={200}
          />
        )
        : <p class="grow">You are away{away !== "" && `: ${away}`}.</p>}
      <button type="submit">{away === undefined ? "Be away" : "Be back"}</button>
    </form>
  );
}

function Notifications({ notice }: { notice: Noticing }) {
  const { attention } = useChatting().chat;
  if (!("Notification" in globalThis)) return null;
  async function change(wanted: boolean): Promise<void> {
    await attention.wish(wanted);
    if (wanted && !attention.notifying.value) {
      notice.fail("The browser does not let this page notify you; its settings for this address can.");
    }
  }
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={attention.notifying.value}
        onChange={({ currentTarget }) => void change(currentTarget.checked)}
      />
      <span>Notify me of private messages, and when my name is said</span>
    </label>
  );
}

function Ignored({ notice }: { notice: Noticing }) {
  const { chat, deeds } = useChatting();
  if (chat.ignored.value.size === 0) return null;
  return (
    <Section title={`Whom you ignore (${chat.ignored.value.size})`}>
      <ul class="plain-list">
        {[...chat.ignored.value].map((name) => (
          <li key={name}>
            {name}
            <button
              type="button"
              class="small"
              onClick={() => void deeds.unignore(name).then(notice.tell, notice.fail)}
            >
              Stop ignoring
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
