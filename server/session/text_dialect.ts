import type { Answer, Telling } from "../chat/event.ts";
import type { Arrival } from "../chat/hub.ts";
import type { Commands } from "../commands/command.ts";
import { say } from "../commands/talk.ts";
import type { Refusal } from "../refusals.ts";
import { readLine } from "../wire/text_input.ts";
import { answerLines, type Reader, type TextOutput, welcomeLines } from "../wire/text_output.ts";
import { changedView, PLAIN_VIEW, type View } from "../wire/view.ts";
import type { Ask, Dialect } from "./dialect.ts";

/** How people speak: lines to read and commands that begin with a slash. */
export class TextDialect implements Dialect {
  readonly pings = false;
  readonly echoesDirects = true;
  #commands: Commands;
  #output: TextOutput;
  #settings: { readonly motd: string };
  #view: View = PLAIN_VIEW;

  constructor(
    parts: { commands: Commands; textOutput: TextOutput; settings: { readonly motd: string } },
  ) {
    this.#commands = parts.commands;
    this.#output = parts.textOutput;
    this.#settings = parts.settings;
  }

  read(line: string): Ask | undefined {
    const request = readLine(line);
    switch (request.type) {
      case "nothing":
        return undefined;
      case "say":
        return { speaks: true, waitedFor: false, run: (context) => say(context, { text: request.text }) };
      case "command":
        return {
          speaks: this.#commands.find(request.name)?.speaks ?? false,
          waitedFor: true,
          run: (context) => this.#commands.execute(context, request),
        };
    }
  }

  event(event: Telling, reader: Reader): Uint8Array | undefined {
    return this.#output.render(event, this.#view, reader);
  }

  welcome({ member, ...arrival }: Arrival): string {
    const { motd } = this.#settings;
    return welcomeLines({ ...arrival, name: member.name, motd }, this.#view) + "\n";
  }

  answer(answer: Answer, reader: Reader): string {
    const lines = answerLines(answer, this.#view, reader);
    return lines === "" ? "" : lines + "\n";
  }

  refusal(refusal: Refusal): string {
    return refusal.message + "\n";
  }

  ping(): string {
    return "";
  }

  /** Changes how lines look. */
  look(change: Partial<Omit<View, "number">>): void {
    this.#view = changedView(this.#view, change);
  }
}
