import { useSignal } from "@preact/signals";
import { Confirm } from "../shared/Confirm.tsx";
import { Field } from "../shared/Field.tsx";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { useApi } from "./api.ts";
import { useLive } from "./live.ts";
import "./sections.css";

const MOST_CHARACTERS = 1_000;

/** Tells everybody something in the server's name. */
export function Announce() {
  const api = useApi();
  const notice = useNotice();
  const text = useSignal("");
  const asking = useSignal(false);
  const people = useLive().status.value?.now.people;
  async function announce(): Promise<void> {
    await api.announce(text.value.trim());
    notice.tell("Everybody has been told.");
    text.value = "";
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    asking.value = true;
  }
  return (
    <>
      <p class="lead">
        Everybody who is connected reads it at once, in whatever room they are; nobody reads it later.
      </p>
      <Notice said={notice.said} />
      <form class="narrow" onSubmit={submit}>
        <Field label="What everybody is to know" hint="One line. Others read: Announcement: …">
          <input
            required
            pattern=".*\S.*"
            maxLength={MOST_CHARACTERS}
            autocomplete="off"
            value={text.value}
            onInput={(event) => text.value = event.currentTarget.value}
          />
        </Field>
        <button type="submit" class="primary">Announce…</button>
      </form>
      {asking.value && (
        <Confirm
          title="Tell everybody?"
          deed="Announce"
          danger
          onConfirm={announce}
          onClose={() => asking.value = false}
        >
          <blockquote>Announcement: {text.value.trim()}</blockquote>
          <p>{readers(people)} will read it now. It cannot be taken back.</p>
        </Confirm>
      )}
    </>
  );
}

function readers(people: number | undefined): string {
  if (people === undefined) return "Everybody who is connected";
  return people === 1 ? "1 person" : `${people.toLocaleString()} people`;
}
