import manifest from "../deno.json" with { type: "json" };

/** As in `parley version`. */
export const VERSION: string = manifest.version;
