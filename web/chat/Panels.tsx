import { Dialog } from "../shared/Dialog.tsx";
import { AccountPanel } from "./AccountPanel.tsx";
import { useChatting } from "./chatting.ts";
import { HelpPanel } from "./HelpPanel.tsx";
import { Person } from "./Person.tsx";
import { roomOf } from "./place.ts";
import { RoomPanel } from "./RoomPanel.tsx";
import { RoomsPanel } from "./RoomsPanel.tsx";
import { SearchPanel } from "./SearchPanel.tsx";
import type { Panel } from "./view.ts";

/** What is open above the page. */
export function Panels() {
  const { view, chat } = useChatting();
  const panel = view.panel.value;
  if (panel === undefined) return null;
  const room = roomOf(chat.place.value) ?? "lobby";
  return (
    <Dialog
      key={panel.is}
      title={titleOf(panel, { room, own: chat.me.value.name })}
      onClose={() => view.close()}
    >
      <Content panel={panel} room={room} />
      <div class="actions">
        <button type="button" onClick={() => view.close()}>Close</button>
      </div>
    </Dialog>
  );
}

function Content({ panel, room }: { panel: Panel; room: string }) {
  const { view, chat } = useChatting();
  switch (panel.is) {
    case "rooms":
      return <RoomsPanel />;
    case "room":
      return <RoomPanel room={chat.rooms.get(room)} />;
    case "account":
      return <AccountPanel />;
    case "help":
      return <HelpPanel />;
    case "person":
      return panel.name === chat.me.value.name
        ? <AccountPanel />
        : <Person name={panel.name} onGone={() => view.close()} />;
    case "search":
      return <SearchPanel words={panel.words} />;
  }
}

function titleOf(panel: Panel, { room, own }: { room: string; own: string }): string {
  switch (panel.is) {
    case "rooms":
      return "Rooms";
    case "room":
      return `#${room}`;
    case "account":
      return own;
    case "help":
      return "Help";
    case "person":
      return panel.name;
    case "search":
      return "Search";
  }
}
