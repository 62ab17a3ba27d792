import { useSignal } from "@preact/signals";
import type { PasskeyInfo } from "../../server/wire/web_types.ts";
import { AddPasskey } from "../entrance/AddPasskey.tsx";
import { Confirm } from "../shared/Confirm.tsx";
import type { useNotice } from "../shared/Notice.tsx";
import { takeFocus } from "../shared/take_focus.ts";
import { ago, date } from "../shared/time.ts";
import { bound } from "./bound.ts";
import { useChatting } from "./chatting.ts";
import { Section } from "./Section.tsx";

type Noticing = ReturnType<typeof useNotice>;

/** The passkeys by which one comes in. */
export function Passkeys({ notice }: { notice: Noticing }) {
  const { own, entrance } = useChatting().session;
  const { factors } = own;
  const times = useSignal(0); // how many were added: the form begins anew with each
  const passkeys = factors.info.value?.passkeys ?? [];
  return (
    <Section title={`Passkeys (${passkeys.length})`}>
      <p class="hint">
        A device that keeps one lets you in by a finger, a face or a PIN, without a password.
      </p>
      <ul class="plain-list">
        {passkeys.map((passkey) => <Row key={passkey.id} passkey={passkey} notice={notice} />)}
      </ul>
      <AddPasskey
        key={times.value}
        factors={factors}
        server={entrance.server.value!}
        small
        onAdded={(name) => {
          times.value++;
          notice.tell(`The passkey ${name} is added.`);
        }}
      />
    </Section>
  );
}

function Row({ passkey, notice }: { passkey: PasskeyInfo; notice: Noticing }) {
  const { factors } = useChatting().session.own;
  const doing = useSignal<"nothing" | "renaming" | "removing">("nothing");
  const { id, name, host, created_at, last_used_at } = passkey;
  const used = last_used_at === null ? "not used yet" : `used ${ago(last_used_at, Date.now())}`;
  const stop = () => doing.value = "nothing";
  if (doing.value === "renaming") return <NewPasskeyName passkey={passkey} notice={notice} onDone={stop} />;
  return (
    <li>
      <span>
        {name}
        <small class="more">for {host}, since {date(created_at)}, {used}</small>
      </span>
      <span class="deeds">
        <button
          type="button"
          class="small"
          aria-label={`Rename ${name}`}
          onClick={() => doing.value = "renaming"}
        >
          Rename
        </button>
        <button
          type="button"
          class="small"
          aria-label={`Remove ${name}`}
          onClick={() => doing.value = "removing"}
        >
          Remove
        </button>
      </span>
      {doing.value === "removing" && (
        <Confirm
          title={`Remove ${name}?`}
          deed="Remove"
          danger
          onConfirm={async () => {
            await factors.removePasskey(id);
            notice.tell(`The passkey ${name} is removed.`);
          }}
          onClose={stop}
        >
          <p>You do not come in by it any more. What the device keeps of it can be deleted there.</p>
        </Confirm>
      )}
    </li>
  );
}

function NewPasskeyName(
  { passkey: { id, name }, notice, onDone }: { passkey: PasskeyInfo; notice: Noticing; onDone: () => void },
) {
  const { factors } = useChatting().session.own;
  const wanted = useSignal(name);
  async function rename(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    await notice.attempt(async () => {
      await factors.renamePasskey(id, wanted.value.trim());
      onDone();
    }, "The passkey has another name.");
  }
  return (
    <li>
      <form class="row grow" onSubmit={rename}>
        <input
          {...bound(wanted)}
          aria-label={`New name of ${name}`}
          maxLength={64}
          required
          ref={takeFocus}
        />
        <button type="submit" class="small">Rename</button>
      </form>
    </li>
  );
}
