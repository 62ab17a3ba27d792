/** The server has answered that something was not done; the message is a sentence for people. */
export class CallFailed extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Calls the server's HTTP API with the cookie of this browser.
 *
 * @throws {CallFailed} also where the server cannot be reached, with status 0.
 */
export async function call<Answer>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(path, {
    method,
    ...body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } },
  }).catch(() => {
    throw new CallFailed(0, "The server cannot be reached. Is it running, and are you online?");
  });
  const answer = await response.json().catch(() => ({ message: `The server answered ${response.status}.` }));
  if (!response.ok) throw new CallFailed(response.status, answer.message);
  return answer;
}

/** Whether the server wants the code of an app as well; it says so in these words, which stay as they are. */
export function isCodeWanted(error: unknown): boolean {
  return error instanceof CallFailed && error.message === "Code required";
}
