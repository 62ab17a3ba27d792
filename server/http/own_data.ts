import type { OwnData } from "../chat/disclosure.ts";
import { shownAccount, shownToken } from "./shown.ts";
import { textStream } from "./text_stream.ts";

/**
 * What is kept about an account as one JSON object, written as it is read: an entry of a list stands on a line of its own.
 *
 * @param token The `jti` of the token that it is asked with.
 */
export function ownDataStream(
  data: OwnData,
  { server, token }: { server: string; token: string },
): ReadableStream<Uint8Array> {
  return textStream(json(shown(data, { server, token })), () => data[Symbol.dispose]());
}

function shown(data: OwnData, { server, token }: { server: string; token: string }): Record<string, unknown> {
  const { formerNames, ignored, disabled } = data.account;
  return {
    server,
    exported_at: new Date(),
    account: { ...shownAccount(data.account), former_names: formerNames, ignored, disabled },
    tokens: data.tokens.map((record) => shownToken(record, token)),
    rooms: data.places.map(({ room, readUpTo, at }) => ({ room, read_up_to: readUpTo, at })),
    rooms_owned: data.owns,
    rooms_moderated: data.moderates,
    invitations: data.invitations,
    bans: data.bans.map(({ kind, room, until, reason, by, at }) => ({ kind, room, until, reason, by, at })),
    moderation: data.deeds,
    direct_messages: mapped(
      data.directs,
      ({ id, with: other, from, to, text, at, waits }) => ({ id, with: other, from, to, text, at, waits }),
    ),
    room_messages: mapped(
      data.messages,
      ({ id, number, room, from, text, action, at }) => ({ id, number, room, from, text, action, at }),
    ),
  };
}

async function* mapped<From, To>(items: AsyncIterable<From>, map: (item: From) => To): AsyncGenerator<To> {
  for await (const item of items) yield map(item);
}

/** An object in JSON, piece by piece; those of its fields that can be iterated over become lists. */
async function* json(fields: Record<string, unknown>): AsyncGenerator<string> {
  let before = "{\n";
  for (const [name, value] of Object.entries(fields)) {
    yield `${before}${JSON.stringify(name)}: `;
    if (isAsyncIterable(value)) yield* jsonList(value);
    else yield JSON.stringify(value);
    before = ",\n";
  }
  yield "\n}\n";
}

async function* jsonList(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  let before = "[\n";
  for await (const item of items) {
    yield before + JSON.stringify(item);
    before = ",\n";
  }
  yield before === "[\n" ? "[]" : "\n]";
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
