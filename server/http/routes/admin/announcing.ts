import { z } from "zod";
import { checkLength } from "../../../commands/command.ts";
import { announce as announceTo } from "../../../commands/measures.ts";
import { lineTooLong } from "../../../refusals.ts";
import { textField } from "../../../wire/json_input.ts";
import { memberRoute } from "../../route.ts";
import { done } from "../../shapes.ts";
import { actorOf } from "./_actor.ts";

export const announce = memberRoute({
  method: "POST",
  path: "/admin/api/announce",
  scope: "admin",
  role: "moderator",
  summary: "Tells everybody something in the server's name.",
  speaks: true,
  body: z.object({ text: z.string().min(1) }),
  badBody: "Missing text",
  answers: done,
  example: { body: { text: "The server will be restarted at 18:00 UTC." } },
  refuses: [lineTooLong(4_096)],
  async run(call, caller) {
    const text = textField(call.body, "text");
    checkLength(call.parts, text);
    await announceTo(call.parts.hub, actorOf(call, caller), text);
    return { message: "Everybody has been told." };
  },
});
