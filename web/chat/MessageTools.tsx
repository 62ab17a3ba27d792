import type { Signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Confirm } from "../shared/Confirm.tsx";
import { useChatting } from "./chatting.ts";
import { Icon } from "./Icon.tsx";
import { roomOf } from "./place.ts";
import type { Scroller } from "./scroller.ts";
import type { Talk } from "./talk.ts";

interface MessageToolsProps {
  readonly talk: Talk;
  readonly scroller: Scroller;
  readonly active: Signal<string | undefined>;
}

/** What can be done with the message that has the pointer over it, or the focus. */
export function MessageTools({ talk, scroller, active }: MessageToolsProps) {
  const { chat, view, deeds } = useChatting();
  const tools = useRef<HTMLDivElement>(null);
  const removing = useSignal<string | undefined>(undefined);
  scroller.moved.value;
  talk.changed.value;
  const index = active.value === undefined ? undefined : scroller.indexOf(active.value);
  const row = index === undefined ? undefined : scroller.at(index);
  useLayoutEffect(() => {
    if (tools.current !== null) tools.current.style.top = `${scroller.top(index!)}px`;
  });
  const room = roomOf(talk.place);
  const said = row?.type === "said" ? row : undefined;
  const own = said?.from === chat.me.value.name;
  const mayRemove = room !== undefined && ((own && !chat.guest) || chat.rooms.get(room).staff.value);
  return (
    <>
      {said !== undefined && (
        <div
          ref={tools}
          class="tools"
          role="group"
          aria-label={`What to do with this message of ${said.from}`}
        >
          {!own && (
            <button type="button" class="plain small" onClick={() => view.mention(said.from)}>Answer</button>
          )}
          <button
            type="button"
            class="plain small"
            onClick={() => view.open({ is: "person", name: said.from })}
          >
            {own ? "You" : `About ${said.from}`}
          </button>
          {mayRemove && (
            <button
              type="button"
              class="plain small"
              aria-label="Delete this message"
              onClick={() => removing.value = said.id}
            >
              <Icon name="remove" />
            </button>
          )}
        </div>
      )}
      {removing.value !== undefined && (
        <Confirm
          title="Delete this message?"
          deed="Delete"
          danger
          onConfirm={() => deeds.remove(removing.value!)}
          onClose={() => removing.value = undefined}
        >
          <p>Everybody in the room loses it, and it cannot be brought back.</p>
        </Confirm>
      )}
    </>
  );
}
