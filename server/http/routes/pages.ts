import { noSuchFile } from "../../refusals.ts";
import { type JsonRoute, openRoute } from "../route.ts";

const HTML = { type: "text/html" };

/** A browser keeps for ever what is named by its content. */
const FOR_EVER = "public, max-age=31536000, immutable";

/** The pages, each drawn by one of two programs. */
export const pages: readonly JsonRoute[] = [
  page("/", "chat", "The web chat."),
  page("/join", "chat", "How to join from a terminal, with the very commands for this server."),
  page("/link", "chat", "Where a signed-in browser lets a terminal in."),
  page("/admin", "admin", "The admin page."),
  page("/setup", "admin", "Where the link leads that makes the first admin."),
];

export const asset = openRoute({
  method: "GET",
  path: "/assets/:file",
  answersBanned: true,
  summary: "A script or style of the pages.",
  answers: { type: "*/*" },
  example: { params: { file: "icon-9ced6957ca74.svg" } },
  refuses: [noSuchFile()],
  async run({ parts, params, headers }) {
    const answer = await parts.assets.file(`assets/${params.file}`, { headers, cached: FOR_EVER });
    if (answer === undefined) throw noSuchFile();
    return answer;
  },
});

function page(path: string, name: string, summary: string): JsonRoute {
  return openRoute({
    method: "GET",
    path,
    answersBanned: true, // they are told once they say who they are, and admins are let in
    summary,
    answers: HTML,
    also: { 503: "The pages are not built." },
    run: ({ parts, headers }) => parts.assets.page(name, { headers }),
  });
}
