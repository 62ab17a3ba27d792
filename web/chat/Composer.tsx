import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { isAtLeast } from "./ranks.ts";
import { useChatting } from "./chatting.ts";
import { commandIn, complete, completed, type Completion } from "./completion.ts";
import { Icon } from "./Icon.tsx";
import { personOf, roomOf } from "./place.ts";
import type { Talk } from "./talk.ts";

/** Where one writes. */
export function Composer({ talk }: { talk: Talk }) {
  const { chat, view, deeds, session } = useChatting();
  const field = useRef<HTMLTextAreaElement>(null);
  const line = useSignal(talk.draft);
  const completion = useSignal<Completion | undefined>(undefined);
  const chosen = useSignal(0);
  const listId = useId();
  const person = personOf(talk.place);
  const commands = session.commands.value.filter(({ text_only, role, group }) =>
    !text_only && isAtLeast(chat.me.value.role, role) &&
    (group !== "Moderation" || chat.rooms.get(roomOf(talk.place) ?? "lobby").staff.value)
  );
  const usage = completion.value === undefined ? commandIn(line.value, commands) : undefined;

  useEffect(() => {
    if (!view.narrow.value) field.current?.focus();
  }, []);
  useLayoutEffect(() => fit(field.current!), [line.value]);
  useSignalEffect(() => {
    const name = view.mentioned.value;
    if (name === undefined) return;
    view.mentioned.value = undefined;
    put(`${line.peek().trimEnd()} @${name} `.trimStart());
  });

  function put(text: string, caret = text.length): void {
    line.value = talk.draft = text;
    completion.value = undefined;
    queueMicrotask(() => {
      field.current?.focus();
      field.current?.setSelectionRange(caret, caret);
    });
  }

  function look({ asked = false } = {}): void {
    const { value, selectionStart } = field.current!;
    const names = chat.rooms.get(roomOf(talk.place) ?? "lobby").roster.names;
    const others = names.filter((name) => name !== chat.me.value.name);
    const known = { commands, names: others, rooms: chat.rooms.joined.value };
    completion.value = complete(value, selectionStart, known, { asked });
    chosen.value = 0;
  }

  function take(index: number): void {
    const [text, caret] = completed(line.value, completion.value!, completion.value!.options[index]!);
    put(text, caret);
  }

  function send(): void {
    const typed = line.value;
    put("");
    void deeds.type(typed);
  }

  function type(event: InputEvent & { currentTarget: HTMLTextAreaElement }): void {
    const { currentTarget } = event;
    const caret = currentTarget.selectionStart;
    if (currentTarget.value.includes("\n")) { // what is sent is one line, and so is what is seen
      currentTarget.value = currentTarget.value.replace(/\r\n?|\n/g, " ");
      currentTarget.setSelectionRange(caret, caret);
    }
    line.value = talk.draft = currentTarget.value;
    look();
  }

  function press(event: KeyboardEvent): void {
    if (event.isComposing || event.altKey) return;
    const { options } = completion.value ?? { options: [] };
    const open = options.length > 0;
    const keys: Readonly<Record<string, (() => void) | undefined>> = {
      Enter: open && !isWhole(line.value, completion.value!, chosen.value) ? () => take(chosen.value) : send,
      Tab: open
        ? () => take(chosen.value)
        : canComplete(field.current!)
        ? () => look({ asked: true })
        : undefined,
      Escape: open ? () => completion.value = undefined : undefined,
      ArrowUp: open
        ? () => chosen.value = (chosen.value || options.length) - 1
        : line.value === ""
        ? toMessages
        : undefined,
      ArrowDown: open ? () => chosen.value = (chosen.value + 1) % options.length : undefined,
      PageUp: () => page(-1),
      PageDown: () => page(1),
    };
    const deed = event.shiftKey && event.key !== "Enter" ? undefined : keys[event.key];
    if (deed === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  }

  const active = completion.value && `${listId}-${chosen.value}`;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {completion.value && (
        <ul id={listId} class="completion" role="listbox" aria-label="What may be meant">
          {completion.value.options.map((option, index) => (
            <li
              key={option.label}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === chosen.value}
              onPointerDown={(event) => {
                event.preventDefault();
                take(index);
              }}
            >
              <span>{option.label}</span>
              <small>{option.help}</small>
            </li>
          ))}
        </ul>
      )}
      {usage && <p class="usage" aria-live="polite">/{usage.name} {usage.usage} — {usage.help}</p>}
      <textarea
        ref={field}
        id="composer"
        rows={1}
        value={line.value}
        aria-label={person === undefined ? `Message to ${talk.place}` : `Private message to ${person}`}
        aria-autocomplete="list"
        aria-controls={completion.value && listId}
        aria-activedescendant={active}
        placeholder={person === undefined ? `Write to ${talk.place}` : `Write to ${person}, privately`}
        enterkeyhint="send"
        autocomplete="off"
        onInput={type}
        onKeyDown={press}
        onBlur={() => completion.value = undefined}
      />
      <button type="submit" class="primary send" aria-label="Send" disabled={line.value.trim() === ""}>
        <Icon name="send" />
      </button>
    </form>
  );
}

/** What is typed is the option already: there is nothing left to complete. */
function isWhole(line: string, { from, to, options }: Completion, chosen: number): boolean {
  return line.slice(from, to).toLowerCase() === options[chosen]?.text.toLowerCase();
}

/** A word stands before the caret: otherwise the Tab key goes on to what is next, as everywhere. */
function canComplete({ value, selectionStart }: HTMLTextAreaElement): boolean {
  return /\S$/.test(value.slice(0, selectionStart));
}

function toMessages(): void {
  document.getElementById("messages")?.focus();
}

function page(pages: number): void {
  const messages = document.getElementById("messages");
  messages?.scrollBy({ top: pages * messages.clientHeight * 0.9 });
}

/** As high as what is typed. */
function fit(field: HTMLTextAreaElement): void {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}
