import { checkDocumented } from "./documented.ts";
import type { TestServer } from "./start_server.ts";

/** What a call was answered. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Undefined where the answer is no JSON. */
  // deno-lint-ignore no-explicit-any
  readonly json: any;
  readonly headers: Headers;
}

/** What a call is made with. */
export interface Asked {
  readonly method?: string;
  readonly token?: string;
  /** Sent as JSON, and said to be. */
  readonly json?: unknown;
  /** Sent as it is, and said to be plain text unless the headers say otherwise. */
  readonly text?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The name by which the server is called; its address where it is left out. */
  readonly host?: string;
}

/** Calls the loopback port; with a body it is a POST, unless it says otherwise. The answer must be a documented one. */
export async function call(server: TestServer, path: string, asked: Asked = {}): Promise<Answer> {
  const request = requestOf(asked);
  const response = await server.http(path, request, asked.host);
  const text = await response.text();
  const { status, headers } = response;
  const isJson = headers.get("content-type")?.startsWith("application/json") && text !== "";
  const json = isJson ? JSON.parse(text) : undefined;
  checkDocumented({ method: request.method ?? "GET", path, status, type: headers.get("content-type"), json });
  return { status, text, headers, json };
}

/** The same as `fetch` takes it. */
export function requestOf({ method, token, json, text, headers = {} }: Asked): RequestInit {
  const all = new Headers();
  if (token !== undefined) all.set("authorization", `Bearer ${token}`);
  if (json !== undefined) all.set("content-type", "application/json");
  if (text !== undefined) all.set("content-type", "text/plain");
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  const body = json === undefined ? text : JSON.stringify(json);
  const asked = method ?? (body === undefined ? "GET" : "POST");
  return { method: asked, headers: all, body, redirect: "manual" };
}
