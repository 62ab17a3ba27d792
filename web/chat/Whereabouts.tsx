import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { OwnConnection, OwnToken } from "../../server/wire/web_types.ts";
import { CopyButton } from "../shared/CopyButton.tsx";
import type { useNotice } from "../shared/Notice.tsx";
import { bound } from "./bound.ts";
import { useChatting } from "./chatting.ts";
import { Section } from "./Section.tsx";
import { connectionWords, tokenWords } from "./whereabouts.ts";

type Noticing = ReturnType<typeof useNotice>;

/** Where one is logged in: each of it can be ended, and programs be given a token. */
export function Whereabouts({ notice }: { notice: Noticing }) {
  const { own } = useChatting().session;
  useEffect(() => void own.learnWhereabouts().catch(notice.fail), []);
  const [connections, tokens] = [own.connections.value, own.tokens.value];
  return (
    <Section title={`Where you are logged in (${tokens.length})`}>
      <h3>Just now</h3>
      <ul class="plain-list" aria-label="Connections">
        {connections.map((connection) => (
          <Connection key={connection.id} connection={connection} notice={notice} />
        ))}
      </ul>
      <h3>Access tokens</h3>
      <p class="hint">Each lets in whoever has it: a browser, a terminal, a program.</p>
      <ul class="plain-list" aria-label="Access tokens">
        {tokens.map((token) => <Token key={token.id} token={token} notice={notice} />)}
      </ul>
      <NewToken notice={notice} />
    </Section>
  );
}

function Connection({ connection, notice }: { connection: OwnConnection; notice: Noticing }) {
  const { own } = useChatting().session;
  const { id, address, current } = connection;
  return (
    <li>
      <span>
        {address}
        {current && <small>, this browser</small>}
        <small class="more">{connectionWords(connection)}</small>
      </span>
      <button
        type="button"
        class="small"
        aria-label={`End the connection from ${address}: ${connectionWords(connection)}`}
        onClick={() => void notice.attempt(() => own.endConnection(id), "That connection has ended.")}
      >
        End
      </button>
    </li>
  );
}

function Token({ token, notice }: { token: OwnToken; notice: Noticing }) {
  const { own } = useChatting().session;
  const { id, label, current } = token;
  return (
    <li>
      <span>
        {label}
        {current && <small>, this browser</small>}
        <small class="more">{tokenWords(token, Date.now())}</small>
      </span>
      <button
        type="button"
        class="small"
        aria-label={`End the token ${label}`}
        onClick={() => void notice.attempt(() => own.revokeToken(id), "That token has ended.")}
      >
        End
      </button>
    </li>
  );
}

function NewToken({ notice }: { notice: Noticing }) {
  const { own } = useChatting().session;
  const label = useSignal("terminal");
  const issued = useSignal<string | undefined>(undefined);
  async function issue(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    await notice.attempt(
      async () => issued.value = await own.issueToken(label.value),
      "There is a new token.",
    );
  }
  return (
    <>
      {issued.value !== undefined && (
        <div class="done">
          <p>Paste this as the first line in a terminal. It is shown only now.</p>
          <pre tabIndex={0}>{issued.value}</pre>
          <CopyButton text={issued.value} what="the token" />
        </div>
      )}
      <form class="row" onSubmit={issue}>
        <input {...bound(label)} aria-label="What it is for" maxLength={64} required />
        <button type="submit" class="small">New token</button>
      </form>
    </>
  );
}
