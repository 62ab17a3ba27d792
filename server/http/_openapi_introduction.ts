import type { Rate } from "../session/pace.ts";
import type { ApiSettings } from "./route.ts";

type Limits = ApiSettings["limits"];

/** What authors of bots read first, as Markdown. */
export function introduction(limits: Limits): string {
  return `JSON in and out, over HTTPS and, on the server itself, HTTP.

## A token in two calls

\`\`\`sh
curl -d '{"username":"timebot","password":"correct horse","name_account":"timebot"}' https://HOST:8443/signup
curl -d '{"username":"timebot","password":"correct horse"}' https://HOST:8443/login
\`\`\`

The second answers an \`Access Token\`; whoever runs the server gets one by \`parley token issue timebot\`. It goes along
with every call that needs one; on this page, paste it under **Authorize**.

\`\`\`sh
curl -H "Authorization: Bearer $TOKEN" -d 'backup done' https://HOST:8443/rooms/lobby/messages
curl -H "Authorization: Bearer $TOKEN" -N 'https://HOST:8443/events?room=lobby'
\`\`\`

Where the server made its certificate itself, curl also needs \`--cacert cert.pem\`, the file of \`GET /cert.pem\`. A token
may be made for less than all by \`POST /me/tokens\`: \`read:#ops\` reads one room, \`post:#ops\` posts there.

## Rules

${rules(limits).map((rule) => `- ${rule}`).join("\n")}

## Live

Chat bots best speak **JSON mode**, one object a message: over the WebSocket of \`GET /ws\`, or over a TLS socket. With the
subprotocol \`parley.lines\` a WebSocket gets several objects in one message, with a line feed between. What is sent and
received is in the page \`docs/json-mode.md\` of Parley, the shapes are in \`server/wire/json_types.ts\`.
\`GET /events\` tells the same objects as server-sent events.`;
}

function rules({ commandRate, rate, bodyBytes, lineBytes }: Limits): string[] {
  return [
    'What was not done is answered by a fitting status and `{"message": "…"}`, a sentence.',
    "Fields that a call does not know are ignored. New fields may come in answers: ignore those that you do not know.",
    "Times are ISO 8601 in UTC. Ids are ULIDs: they rise with time.",
    "A `GET` may be a `HEAD`; a method that is not listed here is answered 405, an unknown address 404.",
    ...pace("makes", commandRate, "calls"),
    ...pace("says", rate, "things"),
    `A body is at most ${bodyBytes} bytes, what is said at most ${lineBytes} bytes.`,
  ];
}

function pace(verb: string, rate: Rate | "off", noun: string): string[] {
  if (rate === "off") return [];
  return [
    `An account ${verb} ${rate.burst} ${noun} at once, then ${rate.perSecond} a second; past that comes 429.`,
  ];
}
