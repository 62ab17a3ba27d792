import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Field } from "../shared/Field.tsx";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { date } from "../shared/time.ts";
import { bound } from "./bound.ts";
import { useChatting } from "./chatting.ts";
import type { TokenInfo } from "./session.ts";
import { SignUp } from "./SignIn.tsx";

type Noticing = ReturnType<typeof useNotice>;

/** Oneself: how one is seen, what one is told, and one's account. */
export function AccountPanel() {
  const { chat, session } = useChatting();
  const notice = useNotice();
  const server = session.server.value!;
  return (
    <div class="account">
      <Notice said={notice.said} />
      <Presence notice={notice} />
      <Notifications notice={notice} />
      <Ignored notice={notice} />
      {chat.guest
        ? server.signup === "open" && (
          <Section title="Make an account">
            <p class="hint">Then your name is yours, and what is written to you waits for you.</p>
            <SignUp session={session} />
          </Section>
        )
        : (
          <>
            <NewName notice={notice} />
            <Password notice={notice} />
            <Tokens notice={notice} />
          </>
        )}
      <div class="row">
        <button type="button" onClick={() => void session.logOut()}>
          {chat.guest ? "Leave" : "Log out"}
        </button>
        {!chat.guest && (
          <button
            type="button"
            onClick={() => void session.logOutEverywhere().catch(notice.fail)}
          >
            Log out everywhere
          </button>
        )}
      </div>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <details>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

function Presence({ notice }: { notice: Noticing }) {
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

function NewName({ notice }: { notice: Noticing }) {
  const { chat, deeds } = useChatting();
  const name = useSignal(chat.me.value.name);
  return (
    <Section title="Name">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void notice.attempt(() => deeds.command(`/name ${name.value.trim()}`), "Your name is changed.");
        }}
      >
        <Field label="Name in the chat" hint="The old one stays yours.">
          <input {...bound(name)} autocomplete="nickname" autocapitalize="none" required />
        </Field>
        <button type="submit" class="small">Change the name</button>
      </form>
    </Section>
  );
}

function Password({ notice }: { notice: Noticing }) {
  const { session } = useChatting();
  const current = useSignal("");
  const wanted = useSignal("");
  return (
    <Section title="Password">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void notice.attempt(async () => {
            await session.changePassword(current.value, wanted.value);
            [current.value, wanted.value] = ["", ""];
          }, "Your password is changed, and you are logged out everywhere else.");
        }}
      >
        <Field label="Current password">
          <input {...bound(current)} type="password" autocomplete="current-password" required />
        </Field>
        <Field label="New password" hint="8 characters at least.">
          <input {...bound(wanted)} type="password" autocomplete="new-password" minLength={8} required />
        </Field>
        <button type="submit" class="small">Change the password</button>
      </form>
    </Section>
  );
}

function Tokens({ notice }: { notice: Noticing }) {
  const { session } = useChatting();
  const tokens = useSignal<readonly TokenInfo[]>([]);
  const label = useSignal("terminal");
  const issued = useSignal<string | undefined>(undefined);
  const learn = async () => void (tokens.value = await session.tokens());
  useEffect(() => void learn().catch(notice.fail), []);
  return (
    <Section title={`Access tokens (${tokens.value.length})`}>
      <p class="hint">Each lets in whoever has it: a terminal, a program, a browser.</p>
      {issued.value !== undefined && (
        <div class="done">
          <p>Paste this as the first line in a terminal. It is shown only now.</p>
          <pre tabIndex={0}>{issued.value}</pre>
        </div>
      )}
      <ul class="plain-list">
        {tokens.value.map(({ id, label, expires_at, current }) => (
          <li key={id}>
            <span>
              {label} <small>until {date(expires_at)}{current && ", this browser"}</small>
            </span>
            <button
              type="button"
              class="small"
              aria-label={`End the token ${label}`}
              onClick={() =>
                void notice.attempt(async () => {
                  await session.revokeToken(id);
                  await learn();
                }, "That token has ended.")}
            >
              End
            </button>
          </li>
        ))}
      </ul>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void notice.attempt(async () => {
            issued.value = await session.issueToken(label.value);
            await learn();
          }, "There is a new token.");
        }}
      >
        <input {...bound(label)} aria-label="What it is for" maxLength={64} required />
        <button type="submit" class="small">New token</button>
      </form>
    </Section>
  );
}
