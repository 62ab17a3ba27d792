import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { ServerInfo, Ticket } from "../../server/wire/web_types.ts";
import { useDeed } from "../entrance/deed.ts";
import { Entrance } from "../entrance/entrance.ts";
import { Failure } from "../entrance/Failure.tsx";
import { Steps as StepsIn } from "../entrance/Steps.tsx";
import { CopyButton } from "../shared/CopyButton.tsx";
import { useNow } from "../shared/now.ts";
import { timer } from "../shared/time.ts";
import { getTicket } from "./ticket.ts";
import { SHOW_FINGERPRINT, type Way, waysToJoin } from "./terminal_commands.ts";
import "./terminal.css";

/** Tells how one joins this very server from a terminal, with what nearly every machine has. */
export function Join() {
  const entrance = useMemo(() => new Entrance(), []);
  useEffect(() => void entrance.open(), []);
  const server = entrance.server.value;
  useEffect(() => void (document.title = `Join from a terminal – ${server?.name ?? "Parley"}`), [server]);
  return (
    <main class="terminal-page">
      <p>
        <a href="/">{server?.name ?? "Parley"}</a>
      </p>
      <h1>Join from a terminal</h1>
      {server === undefined ? <StepsIn entrance={entrance} /> : <Steps server={server} entrance={entrance} />}
    </main>
  );
}

function Steps({ server, entrance }: { server: ServerInfo; entrance: Entrance }) {
  const ways = waysToJoin(location.hostname, server);
  const [first, ...others] = ways;
  if (first === undefined) return <p>This server takes nobody from a terminal where you are.</p>;
  return (
    <>
      <section>
        <h2>Connect</h2>
        <Command label="The quick way" text={first.quick} />
        {first.verified !== undefined && (
          <p class="hint">
            It is encrypted, but trusts whoever answers. To know that it is this server, see{" "}
            <a href="#verify">below</a>.
          </p>
        )}
      </section>
      <section>
        <h2>Come in</h2>
        {server.guests && <p>Type a name to look around as a guest.</p>}
        <p>
          With an account you need to type no password there: <code>/login</code> shows a code that you{" "}
          <a href="/link">confirm in this browser</a>; or take a ticket.
        </p>
        <TicketOffer entrance={entrance} />
      </section>
      <Verified server={server} ways={ways} />
      <section>
        <h2>Other programs, the quick way</h2>
        {others.map(({ program, quick }) => <Command key={program} label={program} text={quick} />)}
      </section>
    </>
  );
}

/** How one makes sure whom one talks to. */
function Verified(
  { server: { fingerprint, self_signed }, ways }: { server: ServerInfo; ways: readonly Way[] },
) {
  const verified = ways.filter((way) => way.verified !== undefined);
  if (verified.length === 0) return null;
  return (
    <section id="verify">
      <h2>Make sure that it is this server</h2>
      {self_signed
        ? (
          <>
            <p>
              Its certificate is one that it made itself. Take it as a file, once, and compare its fingerprint
              with what the server’s operator tells you:
            </p>
            <p>
              <a class="button" href="/cert.pem" download="cert.pem">Download cert.pem</a>
            </p>
            <Command label="Shows the fingerprint of the file" text={SHOW_FINGERPRINT} />
          </>
        )
        : <p>Its certificate is vouched for by an authority, which your system knows.</p>}
      <p class="hint">SHA-256 fingerprint</p>
      <p>
        <Fingerprint text={fingerprint} />
      </p>
      {verified.map(({ program, verified }) => (
        <Command key={program} label={`${program}, verified`} text={verified!} />
      ))}
    </section>
  );
}

/** It may be broken behind each colon, and nowhere else. */
function Fingerprint({ text }: { text: string }) {
  const bytes = text.split(":");
  return (
    <code>
      {bytes.map((byte, index) => index === 0 ? byte : [":", <wbr key={index} />, byte])}
    </code>
  );
}

/** A ticket for who is signed in; who is not can do that first. */
function TicketOffer({ entrance }: { entrance: Entrance }) {
  const wantsIn = useSignal(false);
  const standing = entrance.standing.value;
  if (standing.is === "inside") return <Tickets name={standing.account.name} />;
  if (standing.is === "outside" && !wantsIn.value && entrance.news.value === undefined) {
    return (
      <p class="row">
        <button type="button" onClick={() => wantsIn.value = true}>Sign in to get one</button>
      </p>
    );
  }
  return (
    <div class="sheet">
      <StepsIn entrance={entrance} />
    </div>
  );
}

function Tickets({ name }: { name: string }) {
  const ticket = useSignal<Ticket | undefined>(undefined);
  const { busy, failure, attempt } = useDeed();
  const given = ticket.value;
  return (
    <div class="ticket">
      {given !== undefined && <GivenTicket key={given.ticket} {...given} />}
      <Failure why={failure.value} />
      <p class="row">
        <button
          type="button"
          class={given === undefined ? "primary" : ""}
          disabled={busy.value}
          onClick={() => void attempt(async () => ticket.value = await getTicket())}
        >
          {given === undefined ? "Get a ticket" : "Get another ticket"}
        </button>
        <span class="hint">It lets one terminal in as {name}.</span>
      </p>
    </div>
  );
}

function GivenTicket({ ticket, expires_at }: { ticket: string; expires_at: string }) {
  const leftMs = Date.parse(expires_at) - useNow();
  if (leftMs <= 0) return <p role="status">The minute of that ticket is over.</p>;
  return (
    <Command label="Type this in the terminal" text={`/ticket ${ticket}`}>
      <span role="timer" class="hint">good once, for {timer(leftMs)}</span>
    </Command>
  );
}

/** A line for a terminal, to be copied. Where it is too long it is broken between words. */
function Command({ label, text, children }: { label: string; text: string; children?: ComponentChildren }) {
  return (
    <div class="command">
      <div class="row">
        <span class="hint">{label}</span>
        {children}
        <CopyButton text={text} what={`the line: ${label}`} />
      </div>
      <pre>{text.split(" ").map((word, index) => [index > 0 && " ", <span key={index}>{word}</span>])}</pre>
    </div>
  );
}
