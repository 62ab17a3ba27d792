import { useSignal } from "@preact/signals";
import type { LockdownInfo } from "../../server/wire/admin_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import { Field } from "../shared/Field.tsx";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { useNow } from "../shared/now.ts";
import { dateTime, timer } from "../shared/time.ts";
import { useApi } from "./api.ts";
import { Choice } from "./Choice.tsx";
import { useLive } from "./live.ts";
import { lockdownOf, LOCKDOWNS } from "./lockdowns.ts";
import "./sections.css";

const MOST_MINUTES = 10_080;

/** Closes the server for a while to what is flooding it. */
export function Lockdown() {
  const api = useApi();
  const notice = useNotice();
  const current = useLive().status.value?.lockdown;
  const mode = useSignal<LockdownInfo["mode"]>("no-guests");
  const minutes = useSignal("30");
  const asking = useSignal(false);
  const { title, text } = lockdownOf(mode.value);
  async function lockDown(): Promise<void> {
    await api.lockDown(mode.value, Number(minutes.value));
    notice.tell(`${title}, for ${minutes.value} minutes. Everybody has been told.`);
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    asking.value = true;
  }
  return (
    <>
      <p class="lead">
        For when the server is being flooded or raided. It ends by itself, and admins can always come in.
      </p>
      <Notice said={notice.said} />
      {current && (
        <Running
          lockdown={current}
          onEnd={() =>
            notice.attempt(() => api.endLockdown(), "The lockdown is over. Everybody has been told.")}
        />
      )}
      <form class="narrow" onSubmit={submit}>
        <Choice
          label={current ? "Instead of this" : "What is closed"}
          options={LOCKDOWNS}
          value={mode.value}
          onChange={(chosen) => mode.value = chosen}
        />
        <Field label="For how many minutes" hint="At most 10,080, which is a week.">
          <input
            type="number"
            required
            min={1}
            max={MOST_MINUTES}
            step={1}
            value={minutes.value}
            onInput={(event) => minutes.value = event.currentTarget.value}
          />
        </Field>
        <button type="submit" class="danger">Lock down…</button>
      </form>
      {asking.value && (
        <Confirm
          title={`${title} for ${minutes.value} minutes?`}
          deed="Lock down"
          danger
          onConfirm={lockDown}
          onClose={() => asking.value = false}
        >
          <p>{text} Everybody who is connected is told.</p>
        </Confirm>
      )}
    </>
  );
}

/** The one in force, with its clock. */
function Running(
  { lockdown: { mode, until, by }, onEnd }: { lockdown: LockdownInfo; onEnd: () => Promise<void> },
) {
  const { title, text } = lockdownOf(mode);
  return (
    <section class="lockdown running" aria-label="The lockdown in force">
      <h2>{title}</h2>
      <p class="timer" role="timer">{timer(Date.parse(until) - useNow())}</p>
      <p>
        {text} By {by}, until {dateTime(until)}.
      </p>
      <button type="button" onClick={onEnd}>End it now</button>
    </section>
  );
}
