import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { Chat } from "./Chat.tsx";
import { Session } from "./session.ts";
import { SignIn } from "./SignIn.tsx";
import { takeFocus } from "./take_focus.ts";

/** The web chat: the door, or the chat behind it. */
export function App() {
  const session = useMemo(() => new Session(), []);
  useEffect(() => void session.start(), []);
  const stage = session.stage.value;
  switch (stage.is) {
    case "starting":
      return null;
    case "unreachable":
      return <Hindrance why={stage.why} deed="Try again" onPress={() => void session.start()} />;
    case "outside":
      return <SignIn session={session} why={stage.why} />;
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
