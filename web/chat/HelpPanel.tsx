import { useChatting } from "./chatting.ts";
import { isAtLeast } from "./ranks.ts";

const KEYS = [
  ["Alt ↑, Alt ↓", "the place above, the place below"],
  ["Alt Shift ↓", "the next place with something new"],
  [
    "↑",
    "from an empty line to the messages; there ↑ ↓ go from one to the next, Enter to what can be done with it",
  ],
  ["Page ↑, Page ↓", "back and forth in the messages while writing"],
  ["Tab", "completes a command, a name, a room"],
  ["Ctrl K", "search"],
  ["Esc", "back to where one writes"],
] as const;

/** What can be typed and pressed. */
export function HelpPanel() {
  const { session, chat } = useChatting();
  const commands = session.commands.value.filter(({ text_only, role }) =>
    !text_only && isAtLeast(chat.me.value.role, role)
  );
  return (
    <div class="help" tabIndex={0} autofocus>
      <h3>Keys</h3>
      <dl>
        {KEYS.map(([keys, deed]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{deed}</dd>
          </div>
        ))}
      </dl>
      {Array.from(Map.groupBy(commands, ({ group }) => group), ([group, rows]) => (
        <section key={group}>
          <h3>{group}</h3>
          <dl>
            {rows.map(({ name, usage, help }) => (
              <div key={name}>
                <dt>
                  <code>/{name} {usage}</code>
                </dt>
                <dd>{help}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <p class="hint">A line that begins with two slashes is said with one.</p>
    </div>
  );
}
