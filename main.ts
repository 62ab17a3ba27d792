import { main } from "./server/cli/main.ts";

await main(Deno.args);
