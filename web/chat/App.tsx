import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { takeFocus } from "../shared/take_focus.ts";
import { Chat } from "./Chat.tsx";
import { Door } from "./Door.tsx";
import { bringsSomething } from "../entrance/arrival.ts";
import { Session } from "./session.ts";

/** The web chat: the door, or the chat behind it. */
export function App() {
  const session = useMemo(() => new Session(), []);
  useEffect(() => {
    void session.start();
    addEventListener("hashchange", startAnew);
    return () => removeEventListener("hashchange", startAnew);
  }, []);
  const stage = session.stage.value;
  switch (stage.is) {
    case "at the door":
      return <Door session={session} />;
    case "inside":
      return <Chat session={session} chat={stage.chat} />;
    case "sent away":
      return (
        <Hindrance why={stage.why} deed="Come back in" onPress={() => session.enter(stage.identity)}>
          <button type="button" onClick={() => void session.logOut()}>Leave</button>
        </Hindrance>
      );
  }
}

/** A link that brings something may be opened where the page is open already. */
function startAnew(): void {
  if (bringsSomething(location.hash)) location.reload();
}

/** Why the chat is not there, and what to do about it. */
function Hindrance(
  { why, deed, onPress, children }: {
    why: string;
    deed: string;
    onPress: () => void;
    children?: ComponentChildren;
  },
) {
  return (
    <main class="alone">
      <div class="sheet">
        <h1>Parley</h1>
        <p role="alert">{why}</p>
        <div class="actions">
          {children}
          <button type="button" class="primary" onClick={onPress} ref={takeFocus}>{deed}</button>
        </div>
      </div>
    </main>
  );
}
