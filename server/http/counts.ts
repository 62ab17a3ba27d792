import type { JsonRoute } from "./route.ts";

/** What is counted of requests since the start; whoever counts only ever adds. */
export interface HttpCounts {
  /**
   * A request was answered, or an answer that goes on has begun.
   *
   * @param route The row that it was for; undefined where there was none.
   */
  answered(
    route: Pick<JsonRoute, "method" | "path" | "entrance"> | undefined,
    how: { readonly status: number; readonly ms: number },
  ): void;
  /** Something was refused, by the refusal's code. */
  refused(code: string): void;
}
