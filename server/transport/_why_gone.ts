/** What the system says of a connection whose peer has not confirmed anything for too long, or cannot be reached. */
const UNHEARD_OF = ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"];

/**
 * Why a peer is gone whose connection has failed. Whatever its end is called, a reset or a missing close_notify, it has
 * left; but one that the system has given up has only fallen silent.
 */
export function whyGone(error: unknown): "quit" | "timeout" {
  const { code } = error as { code?: string };
  return code !== undefined && UNHEARD_OF.includes(code) ? "timeout" : "quit";
}
