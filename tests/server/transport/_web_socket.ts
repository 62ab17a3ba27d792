/** Opens a WebSocket to a server on this machine. */
export async function openWebSocket(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  await new Promise((resolve) => socket.onopen = resolve);
  return socket;
}

/** Sends a text and answers what comes back. */
export function ask(socket: WebSocket, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket.onmessage = ({ data }) => resolve(data);
  if (socket.readyState === WebSocket.CLOSED) reject(new Error("closed before it was asked"));
  else socket.onclose = () => reject(new Error("closed instead of an answer"));
  socket.send(text);
  return promise;
}

/** Closes it and waits for the server to agree. */
export async function closeWebSocket(socket: WebSocket): Promise<void> {
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
}

/** Upgrades a request to a WebSocket that answers each text with itself, led by a name. */
export function upgradeToEcho(request: Request, name: string): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(`${name} ${data}`);
  return response;
}
