import { Component } from "preact";
import type { Note, Said } from "./entry.ts";
import { clock, dayLine, withLocalTimes } from "./moments.ts";
import { Name } from "./Name.tsx";
import { mentions } from "./pieces.ts";
import type { Row } from "./scroller.ts";
import { Text } from "./Text.tsx";

interface MessageProps {
  readonly row: Row;
  /** Stands below the name of the row before. */
  readonly continued: boolean;
  /** The first of its day. */
  readonly beginsDay: boolean;
  /** What comes from here on is new to the reader. */
  readonly beginsNew: boolean;
  /** Nothing was said before it in this place. */
  readonly first: string | undefined;
  readonly ownName: string;
  readonly ownPattern: RegExp;
  /** Somebody was looking for it. */
  readonly sought: boolean;
  readonly index: number;
  readonly count: number;
  readonly onRetry: (number: number) => void;
  readonly onDiscard: (number: number) => void;
}

/** A row of what is said in a place, with the lines that stand above it. */
export class Message extends Component<MessageProps> {
  /** Dozens are drawn with every step of scrolling: those that stay as they are cost nothing. */
  override shouldComponentUpdate(next: MessageProps): boolean {
    return (Object.keys(next) as (keyof MessageProps)[]).some((name) => next[name] !== this.props[name]);
  }

  override render() {
    const { row, beginsDay, beginsNew, first, index, count, sought } = this.props;
    return (
      <div
        role="listitem"
        class={sought ? "row sought" : "row"}
        tabIndex={-1}
        data-id={row.id}
        aria-posinset={index + 1}
        aria-setsize={count}
      >
        {first !== undefined && <p class="beginning">{first}</p>}
        {beginsDay && row.type !== "pending" && (
          <p class="day">
            <span>{dayLine(row.atMs, Date.now())}</span>
          </p>
        )}
        {beginsNew && (
          <p class="new">
            <span>New</span>
          </p>
        )}
        {this.#body(row)}
      </div>
    );
  }

  #body(row: Row) {
    switch (row.type) {
      case "said":
        return <SaidRow said={row} {...this.props} />;
      case "note":
        return <NoteRow note={row} />;
      case "pending":
        return <PendingRow {...this.props} row={row} />;
    }
  }
}

function SaidRow({ said, continued, ownName, ownPattern }: { said: Said } & MessageProps) {
  const own = said.from === ownName;
  const calls = !own && mentions(said.text, ownPattern);
  const kind = ["said", continued && "continued", own && "own", calls && "calls", said.action && "action"];
  return (
    <div class={kind.filter(Boolean).join(" ")}>
      <time dateTime={new Date(said.atMs).toISOString()} title={new Date(said.atMs).toLocaleString()}>
        {clock(said.atMs)}
      </time>
      <div class="words">
        {continued
          ? <span class="unseen">{said.from}:</span>
          : (
            <button type="button" class="by" tabIndex={-1} data-person={said.from}>
              <Name name={said.from} />
            </button>
          )}
        <p dir="auto">
          <Text text={said.text} ownName={ownPattern} />
          {own && <span class="kept" title="Stored by the server" aria-label="stored" role="img">✓</span>}
        </p>
      </div>
    </div>
  );
}

function NoteRow({ note }: { note: Note }) {
  const text = withLocalTimes(note.text, Date.now());
  return (
    <div class={note.loud ? "note loud" : "note"}>
      <time dateTime={new Date(note.atMs).toISOString()}>{clock(note.atMs)}</time>
      <p class={text.includes("\n") ? "listing" : undefined} dir="auto">{text}</p>
    </div>
  );
}

function PendingRow(
  { row, ownName, continued, onRetry, onDiscard }: MessageProps & { row: Extract<Row, { type: "pending" }> },
) {
  const failed = row.failure !== undefined;
  return (
    <div class={["said pending", failed && "failed", continued && "continued"].filter(Boolean).join(" ")}>
      <time>{failed ? "!" : "…"}</time>
      <div class="words">
        {continued ? <span class="unseen">{ownName}:</span> : (
          <p>
            <Name name={ownName} />
          </p>
        )}
        <p dir="auto">
          {row.text}
          {!failed && <span class="unseen">(being sent)</span>}
        </p>
        {failed && (
          <p class="failure" role="alert">
            {withLocalTimes(row.failure!, Date.now())}
            <button
              type="button"
              class="small"
              onClick={() => onRetry(row.number)}
            >
              Try again
            </button>
            <button
              type="button"
              class="small"
              onClick={() =>
                onDiscard(row.number)}
            >
              Discard
            </button>
          </p>
        )}
      </div>
    </div>
  );
}
