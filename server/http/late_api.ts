import type { Arrived } from "./api.ts";
import type { HttpCounts } from "./counts.ts";
import type { ApiParts } from "./route.ts";

/** What the API works with, apart from what is loaded with it. */
export interface LateApiParts {
  readonly parts: Omit<ApiParts, "assets" | "documentation">;
  readonly counts: HttpCounts;
  readonly defects: (error: unknown) => void;
}

/** Answers a request. */
type Handler = (request: Request, arrived: Arrived) => Response | Promise<Response>;

/**
 * The API with all its calls, loaded when the server listens already: that is a good part of what there is to load, and
 * nobody who chats needs it. A request that comes before waits that moment.
 */
export class LateApi {
  #parts: LateApiParts;
  #handler: Promise<Handler> | undefined;

  constructor(parts: LateApiParts) {
    this.#parts = parts;
  }

  readonly fetch = async (request: Request, arrived: Arrived): Promise<Response> => {
    const handler = await this.load();
    return await handler(request, arrived);
  };

  /** Where that fails, as it may while there are no file descriptors, the next request has it tried again. */
  load(): Promise<Handler> {
    return this.#handler ??= handlerFor(this.#parts).catch((error) => {
      this.#handler = undefined;
      throw error;
    });
  }
}

async function handlerFor({ parts, ...rest }: LateApiParts): Promise<Handler> {
  const [{ makeApi }, { routes }, { Assets }, { Documentation }] = await Promise.all([
    import("./api.ts"),
    import("./routes/table.ts"),
    import("./assets.ts"),
    import("./documentation.ts"),
  ]);
  const documentation = new Documentation(routes, parts.settings);
  return makeApi(routes, { parts: { ...parts, assets: new Assets(), documentation }, ...rest }).fetch;
}
