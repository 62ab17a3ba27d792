import { useEffect, useMemo, useRef } from "preact/hooks";
import type { LinkRequest } from "../../server/wire/web_types.ts";
import { type Account, Entrance } from "../entrance/entrance.ts";
import { Steps } from "../entrance/Steps.tsx";
import { Field } from "../shared/Field.tsx";
import { useNow } from "../shared/now.ts";
import { ago, clock, timer } from "../shared/time.ts";
import { Linking } from "./linking.ts";
import { isWholeCode, typedCode } from "./typed_code.ts";
import "./terminal.css";

/**
 * Lets a terminal in that waits with a code, or refuses it. The address brings no code along: it is to be read from one's
 * own terminal, and not to be found in a stranger's link.
 */
export function Link() {
  const entrance = useMemo(() => new Entrance(), []);
  const linking = useMemo(() => new Linking(), []);
  useEffect(() => {
    document.title = "Let a terminal in";
    return openAndComeBack(entrance);
  }, []);
  const standing = entrance.standing.value;
  return (
    <main class="alone link-page">
      <div class="sheet">
        <h1>Let a terminal in</h1>
        <div role="alert">
          {linking.failure.value !== undefined && <p class="error">{linking.failure.value}</p>}
        </div>
        <div role="status">
          {linking.outcome.value !== undefined && <p class="done">{linking.outcome.value}</p>}
        </div>
        {standing.is === "outside" && (
          <p>A terminal is let in as whoever is signed in here, and nobody is yet.</p>
        )}
        {standing.is === "inside"
          ? <Step linking={linking} account={standing.account} />
          : <Steps entrance={entrance} />}
      </div>
    </main>
  );
}

/** Who comes back to the page may have signed in elsewhere. */
function openAndComeBack(entrance: Entrance): () => void {
  const comeBack = () => {
    const mayBeIn = document.visibilityState === "visible" && entrance.standing.value.is === "outside";
    if (mayBeIn) void entrance.look().catch(() => {}); // who signs in here will be told
  };
  void entrance.open();
  document.addEventListener("visibilitychange", comeBack);
  return () => document.removeEventListener("visibilitychange", comeBack);
}

function Step({ linking, account }: { linking: Linking; account: Account }) {
  const request = linking.request.value;
  if (linking.outcome.value !== undefined) return <Again linking={linking} />;
  if (request === undefined) return <AskCode linking={linking} name={account.name} />;
  return <Decision linking={linking} request={request} account={account} />;
}

function AskCode({ linking, name }: { linking: Linking; name: string }) {
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    void linking.look();
  }
  return (
    <form onSubmit={submit}>
      <p>
        Type <code>/login</code> in the terminal; it shows a code. You are signed in as{" "}
        <strong>{name}</strong>.
      </p>
      <Field label="Code">
        <input
          class="code"
          value={linking.code.value}
          onInput={({ currentTarget }) =>
            currentTarget.value = linking.code.value = typedCode(currentTarget.value)}
          placeholder="BCDF-GHJK"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          required
          autofocus
        />
      </Field>
      <div class="actions">
        <a class="button" href="/">To the chat</a>
        <button
          type="submit"
          class="primary"
          disabled={linking.busy.value || !isWholeCode(linking.code.value)}
        >
          Go on
        </button>
      </div>
    </form>
  );
}

/** Who asks, and what one says to that. */
function Decision(
  { linking, request, account }: {
    linking: Linking;
    request: LinkRequest;
    account: Account;
  },
) {
  const question = useRef<HTMLParagraphElement>(null);
  useEffect(() => question.current?.focus(), []);
  const now = useNow();
  const leftMs = Date.parse(request.expires_at) - now;
  if (leftMs <= 0) return <Over linking={linking} />;
  return (
    <>
      <p ref={question} tabIndex={-1}>
        A terminal wants to be logged in as you, <strong>{account.name}</strong>.
      </p>
      <Facts request={request} now={now} />
      <p>
        Confirm only if you have just typed <code>/login</code>{" "}
        there yourself: whoever sits at it reads and writes as you.
      </p>
      <p class="hint" role="timer">The code is good for another {timer(leftMs)}.</p>
      <div class="actions">
        <button type="button" disabled={linking.busy.value} onClick={() => linking.refuse()}>Refuse</button>
        <button type="button" class="primary" disabled={linking.busy.value} onClick={() => linking.confirm()}>
          Confirm
        </button>
      </div>
    </>
  );
}

function Facts({ request, now }: { request: LinkRequest; now: number }) {
  const { code, address, how, username, asked_at } = request;
  return (
    <dl class="facts">
      <dt>Code</dt>
      <dd>
        <code>{code}</code>
      </dd>
      <dt>From</dt>
      <dd>{address}{isThisMachine(address) && " (the server’s own machine)"}</dd>
      <dt>Over</dt>
      <dd>{how === "plain" ? "a connection that is not encrypted" : how}</dd>
      <dt>Since</dt>
      <dd>{clock(asked_at, { seconds: true })}, {ago(asked_at, now)}</dd>
      {username !== null && (
        <>
          <dt>For</dt>
          <dd>{username}, and nobody else</dd>
        </>
      )}
    </dl>
  );
}

function Over({ linking }: { linking: Linking }) {
  return (
    <>
      <p role="status">
        This code is over. Type <code>/login</code> in the terminal for another one.
      </p>
      <Again linking={linking} />
    </>
  );
}

function Again({ linking }: { linking: Linking }) {
  return (
    <div class="actions">
      <button type="button" onClick={() => linking.begin()}>Another code</button>
      <a class="button primary" href="/">To the chat</a>
    </div>
  );
}

function isThisMachine(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127(\.\d+){3}$/.test(address);
}
