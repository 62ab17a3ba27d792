import { badField, badJson, type Refusal } from "../refusals.ts";
import type { Ref } from "./json_types.ts";
import { printable, quotable } from "./printable.ts";

/** What a line of a program asks for. */
export interface JsonRequest {
  /** As it can be repeated in an answer; more than the longest type is cut. */
  readonly type: string;
  /** All that the object holds. */
  readonly fields: Fields;
  readonly ref: Ref | undefined;
}

/** A line that asks for nothing; the `ref` is there if that could be read. */
export interface UnreadableJson {
  /** `bad_json` or, where the `ref` is at fault, `bad_request`. */
  readonly refusal: Refusal;
  readonly ref: Ref | undefined;
}

/** Name → value of what came from outside: each is read by one of the functions below. */
export type Fields = Readonly<Record<string, unknown>>;

/** The most characters that a `ref` may have. */
const MAX_REF_LENGTH = 256;

/** Understands a line. Throws nothing, so that whoever answers has the `ref` at hand either way. */
export function readJson(line: string): JsonRequest | UnreadableJson {
  const fields = parseObject(line);
  if (fields === undefined) return { refusal: badJson(), ref: undefined };
  const { type, ref } = fields;
  if (ref !== undefined && !isRef(ref)) {
    const must = `be a string of at most ${MAX_REF_LENGTH} characters or a number`;
    return { refusal: badField("ref", must), ref: undefined };
  }
  return typeof type === "string" ? { type: quotable(type, 32), fields, ref } : { refusal: badJson(), ref };
}

/**
 * What somebody says: printable, on one line, with a space for each line break.
 *
 * @throws {Refusal} `bad_request` where there is nothing to read.
 */
export function textField(fields: Fields, name: string): string {
  const text = stringOf(fields, name);
  if (text === undefined || text.trim() === "") throw badField(name, "be a text that is not empty");
  return text;
}

/**
 * A name, a token: what has no space in it; those around it are let pass.
 *
 * @throws {Refusal} `bad_request`
 */
export function wordField(fields: Fields, name: string): string {
  const word = stringOf(fields, name)?.trim() ?? "";
  if (!/^\S+$/.test(word)) throw badField(name, "be a text without spaces that is not empty");
  return word;
}

/** The same, where it may be missing. @throws {Refusal} `bad_request` */
export function optionalWord(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : wordField(fields, name);
}

/** A password: taken as it is. @throws {Refusal} `bad_request` */
export function secretField(fields: Fields, name: string): string {
  const secret = fields[name];
  if (typeof secret !== "string" || secret === "") throw badField(name, "be a text that is not empty");
  return secret;
}

/** A yes or no; missing, it is no. @throws {Refusal} `bad_request` */
export function flagField(fields: Fields, name: string): boolean {
  const { [name]: flag = false } = fields;
  if (typeof flag !== "boolean") throw badField(name, "be true or false");
  return flag;
}

/** How many, from 1; more than the most is as good as the most; missing, it is what is usual. @throws {Refusal} `bad_request` */
export function countField(
  fields: Fields,
  name: string,
  { most, usual }: { most: number; usual: number },
): number {
  const { [name]: count = usual } = fields;
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1) {
    throw badField(name, `be a whole number from 1 to ${most}`);
  }
  return Math.min(count, most);
}

/** Comes before every id. */
const LOWEST_ID = "0".repeat(26);

/**
 * A ULID in capitals, if there is one. An empty text is the id before all, as it stands in `missed`.
 *
 * @throws {Refusal} `bad_request`
 */
export function idField(fields: Fields, name: string): string | undefined {
  const { [name]: id } = fields;
  if (id === undefined) return undefined;
  if (id === "") return LOWEST_ID;
  if (typeof id !== "string" || !/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i.test(id)) {
    throw badField(name, "be the id of a message");
  }
  return id.toUpperCase();
}

/**
 * A room, if one is named, with `#` or without. Whether it is a good name is asked elsewhere.
 *
 * @throws {Refusal} `bad_request`
 */
export function roomField(fields: Fields, name: string): string | undefined {
  if (fields[name] === undefined) return undefined;
  const room = stringOf(fields, name);
  if (room === undefined) throw badField(name, "be the name of a room");
  return room.replace(/^#/, "");
}

/**
 * A field that must be there.
 *
 * @throws {Refusal} `bad_request`
 * @example needed(roomField(fields, "room"), "room")
 */
export function needed<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw badField(name, "be given");
  return value;
}

/** Undefined for what is no JSON, or a list, or anything else that has no fields. */
function parseObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isRef(value: unknown): value is Ref {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" && [...value].length <= MAX_REF_LENGTH;
}

/** Printable, on one line; undefined for what is no text. */
function stringOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" ? printable(value.replace(/\r\n?|\n/g, " ")) : undefined;
}
