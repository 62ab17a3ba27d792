import { useSignal } from "@preact/signals";
import { CodeField } from "../entrance/CodeField.tsx";
import { EntryForm } from "../entrance/EntryForm.tsx";
import { RecoveryCodes } from "../entrance/RecoveryCodes.tsx";
import type { SecondFactors } from "../entrance/second_factors.ts";
import { SwitchOnCodes } from "../entrance/SwitchOnCodes.tsx";
import type { useNotice } from "../shared/Notice.tsx";
import { takeFocus } from "../shared/take_focus.ts";
import { date } from "../shared/time.ts";
import { useChatting } from "./chatting.ts";
import { Section } from "./Section.tsx";

/** What is being done about codes. */
type Doing =
  | { readonly is: "nothing" | "switching on" | "switching off" | "renewing" }
  | { readonly is: "showing"; readonly recoveryCodes: readonly string[] };

/** Codes of an authenticator app, and the recovery codes. */
export function TwoFactors({ notice }: { notice: ReturnType<typeof useNotice> }) {
  const { factors } = useChatting().session.own;
  const doing = useSignal<Doing>({ is: "nothing" });
  const info = factors.info.value;
  if (info === undefined) return null;
  const stop = () => doing.value = { is: "nothing" };
  const show = (recoveryCodes: readonly string[]) => doing.value = { is: "showing", recoveryCodes };
  return (
    <Section title={`Two factors (${info.codes === null ? "off" : "on"})`}>
      {doing.value.is === "nothing" && (
        <Standing
          factors={factors}
          onWish={(wish) => doing.value = { is: wish }}
        />
      )}
      {doing.value.is === "switching on" && <SwitchOnCodes factors={factors} onCodes={show} />}
      {doing.value.is === "renewing" && (
        <EntryForm
          deed="Make new recovery codes"
          small
          onSubmit={async (read) => show(await factors.renewRecoveryCodes(read("code")))}
        >
          <p class="hint">Those that you have are good for nothing then.</p>
          <CodeField />
        </EntryForm>
      )}
      {doing.value.is === "switching off" && (
        <EntryForm
          deed="Switch codes off"
          small
          onSubmit={async (read) => {
            await factors.switchOff(read("code"));
            stop();
            notice.tell("Codes are switched off.");
          }}
        >
          <CodeField />
        </EntryForm>
      )}
      {doing.value.is === "showing"
        ? <RecoveryCodes codes={doing.value.recoveryCodes} onKept={stop} />
        : doing.value.is !== "nothing" && (
          <p class="aside">
            <button type="button" class="link" onClick={stop}>Leave it as it is</button>
          </p>
        )}
    </Section>
  );
}

/** How it is, and what can be done about it. */
function Standing(
  { factors, onWish }: {
    factors: SecondFactors;
    onWish: (wish: "switching on" | "switching off" | "renewing") => void;
  },
) {
  const { codes, recovery_codes_left: left, required } = factors.info.value!;
  if (codes === null) {
    return (
      <>
        <p class="hint">
          With a code of an app beside your password, nobody comes in as you who has found that out.
        </p>
        <button type="button" class="small" ref={takeFocus} onClick={() => onWish("switching on")}>
          Switch on codes
        </button>
      </>
    );
  }
  return (
    <>
      <p>
        You are asked for a code since {date(codes.since)}.{" "}
        {left === 1 ? "One recovery code is left." : `${left} recovery codes are left.`}
        {required && " This server wants a second factor of you."}
      </p>
      <div class="row">
        <button type="button" class="small" ref={takeFocus} onClick={() => onWish("renewing")}>
          New recovery codes
        </button>
        <button type="button" class="small" onClick={() => onWish("switching off")}>Switch off codes</button>
      </div>
    </>
  );
}
