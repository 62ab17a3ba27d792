import type { Role } from "../accounts/roles.ts";
import type { Answer, Telling } from "../chat/event.ts";
import type { Arrival } from "../chat/hub.ts";
import type { Commands } from "../commands/command.ts";
import type { Refusal } from "../refusals.ts";
import { VERSION } from "../version.ts";
import { readJson } from "../wire/json_input.ts";
import {
  answerJson,
  type JsonOutput,
  noticeJson,
  pingJson,
  refusalJson,
  welcomeJson,
} from "../wire/json_output.ts";
import type { Ref } from "../wire/json_types.ts";
import type { Reader } from "../wire/text_output.ts";
import type { Ask, Dialect } from "./dialect.ts";

/** How programs speak: an object a line. */
export class JsonDialect implements Dialect {
  readonly echoesDirects = false;
  readonly pings: boolean;
  #commands: Commands;
  #output: JsonOutput;
  #settings: { readonly serverName: string; readonly motd: string };

  /** @param parts.pings Whether the transport leaves it to the session to ask for signs of life. */
  constructor(
    parts: {
      commands: Commands;
      jsonOutput: JsonOutput;
      settings: { readonly serverName: string; readonly motd: string };
      pings: boolean;
    },
  ) {
    this.#commands = parts.commands;
    this.#output = parts.jsonOutput;
    this.#settings = parts.settings;
    this.pings = parts.pings;
  }

  read(line: string): Ask | undefined {
    if (line.trim() === "") return undefined;
    const request = readJson(line);
    if ("refusal" in request) return refusedAsk(request.refusal, request.ref);
    if (request.type === "pong") return undefined;
    const row = this.#commands.findJson(request.type);
    return {
      speaks: row?.speaks ?? false,
      waitedFor: request.type !== "say",
      ref: request.ref,
      run: (context) => this.#commands.executeJson(context, request),
    };
  }

  event(event: Telling): Uint8Array {
    return this.#output.render(event);
  }

  welcome({ member }: Arrival, ref?: Ref): string {
    const { motd } = this.#settings;
    const { name, role, seats } = member;
    const welcome = this.#welcome({ name, role, rooms: [...seats.keys()] }, ref);
    return motd === "" ? welcome : welcome + noticeJson(motd);
  }

  answer(answer: Answer, _reader: Reader, ref?: Ref): string {
    return answer.type === "signed up" ? this.#welcome(answer, ref) : answerJson(answer, ref);
  }

  refusal(refusal: Refusal, ref?: Ref): string {
    return refusalJson(refusal, ref);
  }

  ping(): string {
    return pingJson();
  }

  #welcome(
    { name, role, rooms }: { readonly name: string; readonly role: Role; readonly rooms: readonly string[] },
    ref: Ref | undefined,
  ): string {
    return welcomeJson({ server: this.#settings.serverName, version: VERSION, name, role, rooms }, ref);
  }
}

/** What could not be read is refused when its turn has come, like anything else. */
function refusedAsk(refusal: Refusal, ref: Ref | undefined): Ask {
  return {
    speaks: false,
    waitedFor: true,
    ref,
    run: () => {
      throw refusal;
    },
  };
}
