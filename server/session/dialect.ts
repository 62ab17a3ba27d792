import type { Answer, Telling } from "../chat/event.ts";
import type { Arrival } from "../chat/hub.ts";
import type { Context, Outcome } from "../commands/command.ts";
import type { Refusal } from "../refusals.ts";
import type { Ref } from "../wire/json_types.ts";
import type { Reader } from "../wire/text_output.ts";

/** How a connection speaks: text for people, JSON for programs. */
export interface Dialect {
  /** Its peer is asked for a sign of life when it is silent: people are not. */
  readonly pings: boolean;
  /** Wants to be told of the private messages that it wrote itself. */
  readonly echoesDirects: boolean;

  /** What a line asks for; undefined where it asks for nothing. */
  read(line: string): Ask | undefined;

  /** An event as the reader sees it; undefined where this reader is not told of it. Renders once for many. */
  event(event: Telling, reader: Reader): Uint8Array | undefined;

  /** What follows ends with a line ending, or is empty. */
  welcome(arrival: Arrival, ref?: Ref): string;
  answer(answer: Answer, reader: Reader, ref?: Ref): string;
  refusal(refusal: Refusal, ref?: Ref): string;
  ping(): string;
}

/** What a line asks for, read but not done yet. */
export interface Ask {
  /** Says something to others, so that it goes by the pace of messages. */
  readonly speaks: boolean;
  /** What is read next waits until it is done: not so what is said, whose commit would set the pace. */
  readonly waitedFor: boolean;
  readonly ref?: Ref | undefined;
  /** @throws {Refusal} */
  readonly run: (context: Context) => Outcome | Promise<Outcome>;
}
