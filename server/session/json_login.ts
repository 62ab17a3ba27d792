import { logInFirst } from "../refusals.ts";
import { type JsonRequest, secretField, textField, wordField } from "../wire/json_input.ts";
import type { Attempt } from "./login_dialogue.ts";

/**
 * What a program tries in order to come in; "ping" where it only asks for a sign of life.
 *
 * @throws {Refusal} `log_in_first` for whatever is for those who are in; `bad_request`
 */
export function readAttempt({ type, fields }: JsonRequest): Attempt | "ping" | "pong" {
  switch (type) {
    case "auth":
      return { by: "token", jwt: wordField(fields, "token") };
    case "login":
      return {
        by: "password",
        username: wordField(fields, "username"),
        password: secretField(fields, "password"),
      };
    case "guest":
      return { by: "guest name", name: textField(fields, "name").trim() };
    case "ping":
    case "pong":
      return type;
    default:
      throw logInFirst();
  }
}
