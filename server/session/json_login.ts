import { logInFirst } from "../refusals.ts";
import { type JsonRequest, optionalWord, secretField, textField, wordField } from "../wire/json_input.ts";
import type { Attempt } from "./login_dialogue.ts";

/** What a program asks for that is not in yet. */
export type JsonStep =
  | { readonly type: "attempt"; readonly attempt: Attempt }
  /** A log-in by browser. */
  | { readonly type: "link"; readonly username: string | undefined }
  /** A sign of life, asked for or given. */
  | { readonly type: "ping" | "pong" };

/** @throws {Refusal} `log_in_first` for whatever is for those who are in; `bad_request` */
export function readStep({ type, fields }: JsonRequest): JsonStep {
  switch (type) {
    case "auth":
      return attempt(
        "ticket" in fields && !("token" in fields)
          ? { by: "ticket", ticket: textField(fields, "ticket") }
          : { by: "token", jwt: wordField(fields, "token") },
      );
    case "login":
      return attempt({
        by: "password and code",
        username: wordField(fields, "username"),
        password: secretField(fields, "password"),
        code: fields.code === undefined ? undefined : secretField(fields, "code"),
      });
    case "guest":
      return attempt({ by: "guest name", name: textField(fields, "name").trim() });
    case "link":
      return { type, username: optionalWord(fields, "username") };
    case "ping":
    case "pong":
      return { type };
    default:
      throw logInFirst();
  }
}

function attempt(attempt: Attempt): JsonStep {
  return { type: "attempt", attempt };
}
