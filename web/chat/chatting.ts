import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Deeds } from "./deeds.ts";
import type { Session } from "./session.ts";
import type { Chat } from "./state.ts";
import type { View } from "./view.ts";

/** What the components of the chat work with. */
export interface Chatting {
  readonly session: Session;
  readonly chat: Chat;
  readonly view: View;
  readonly deeds: Deeds;
}

export const ChattingContext = createContext<Chatting | undefined>(undefined);

export function useChatting(): Chatting {
  const chatting = useContext(ChattingContext);
  if (chatting === undefined) throw new TypeError("There is no chat around this component");
  return chatting;
}
