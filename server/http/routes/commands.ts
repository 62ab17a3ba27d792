import { z } from "zod";
import type { CommandInfo } from "../../wire/web_types.ts";
import { openRoute } from "../route.ts";
import { command } from "../shapes.ts";

export const list = openRoute({
  method: "GET",
  path: "/commands",
  answersBanned: true,
  summary: "What can be typed behind a /, as /help lists it, for pages that complete it.",
  answers: z.object({ commands: z.array(command) }),
  run({ parts }) {
    const commands = parts.commands.rows.map((row): CommandInfo => ({
      name: row.name,
      aliases: row.aliases ?? [],
      usage: row.usage,
      help: row.help,
      group: row.group,
      role: row.role ?? "guest",
      text_only: row.textOnly ?? false,
    }));
    return { commands };
  },
});
