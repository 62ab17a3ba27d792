import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { VERSION } from "../version.ts";
import { type About, openApiDocument } from "./openapi.ts";
import type { ApiSettings, Route } from "./route.ts";

/** The document that describes the API, as it is sent. */
interface Written {
  /** Of what it says of the server: it is written anew when that has changed. */
  readonly about: string;
  readonly json: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
  /** For `ETag`: whoever has this one, packed or not, need not be sent it. */
  readonly tag: string;
}

/** Describes the API to programs and people; written when somebody asks. */
export class Documentation {
  #routes: readonly Route[];
  /** May change while the server runs. */
  #settings: Pick<ApiSettings, "serverName" | "limits">;
  #written: Written | undefined;

  constructor(routes: readonly Route[], settings: Pick<ApiSettings, "serverName" | "limits">) {
    this.#routes = routes;
    this.#settings = settings;
  }

  openApi(): Written {
    const { serverName: server, limits } = this.#settings;
    const { bodyBytes, bodyMs, lineBytes, commandRate, rate } = limits;
    const about = { server, version: VERSION, limits: { bodyBytes, bodyMs, lineBytes, commandRate, rate } };
    const key = JSON.stringify(about);
    if (this.#written?.about !== key) this.#written = { about: key, ...this.#write(about) };
    return this.#written;
  }

  #write(about: About): Omit<Written, "about"> {
    const json = new TextEncoder().encode(JSON.stringify(openApiDocument(this.#routes, about)));
    const digest = createHash("sha256").update(json).digest("hex").slice(0, 32);
    return { json, gzip: new Uint8Array(gzipSync(json)), tag: `W/"${digest}"` };
  }
}
