import { z } from "zod";
import { PAGE_POLICY, takes } from "../assets.ts";
import { answerInPieces } from "../in_pieces.ts";
import { openRoute } from "../route.ts";

/** That of all pages; but Swagger UI writes styles into its elements. */
const POLICY = PAGE_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

export const openApi = openRoute({
  method: "GET",
  path: "/openapi.json",
  summary: "This API, as OpenAPI 3.1 describes it.",
  answers: z.looseObject({ openapi: z.string() }),
  also: { 304: "It is the one of `If-None-Match`." },
  run({ parts, headers }) {
    const { json, gzip, tag } = parts.documentation.openApi();
    const kept = { "cache-control": "no-cache", vary: "accept-encoding", etag: tag };
    const known = headers.get("if-none-match")?.split(",").map((one) => one.trim()) ?? [];
    if (known.includes(tag)) return new Response(null, { status: 304, headers: kept });
    const packed = takes(headers.get("accept-encoding") ?? "", "gzip");
    return answerInPieces(packed ? gzip : json, {
      "content-type": "application/json",
      ...packed ? { "content-encoding": "gzip" } : {},
      ...kept,
    });
  },
});

export const page = openRoute({
  method: "GET",
  path: "/docs",
  summary: "This API, as a page to read and to try out.",
  answers: { type: "text/html" },
  also: { 503: "The page is not built." },
  run: ({ parts, headers }) => parts.assets.page("docs", { headers, policy: POLICY }),
});
