import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { LockdownInfo, Sample, Status as ServerStatus } from "../../server/wire/admin_types.ts";
import { ago, clock, date, dateTime, timer } from "../shared/time.ts";
import { Chart } from "./Chart.tsx";
import { type Figure, FIGURES } from "./figures.ts";
import { useLive } from "./live.ts";
import { lockdownOf } from "./lockdowns.ts";

/** A certificate that ends sooner is pointed out. */
const LEAST_CERTIFICATE_DAYS = 14;

const LISTENERS = { tls: "TLS chat", plain: "Plain chat", https: "HTTPS", http: "HTTP" } as const;

/** A clock time says enough of what is nearer. */
const DAY_MS = 86_400_000;

/** How the server is doing, now and over the last hour. */
export function Status() {
  const live = useLive();
  const status = live.status.value;
  const samples = live.samples.value;
  const times = useMemo(() => samples.map(({ at }) => Date.parse(at) / 1_000), [samples]);
  const pointed = useSignal<number | undefined>(undefined);
  if (status === undefined) return <p class="lead">Waiting for the server…</p>;
  const then = pointed.value === undefined ? undefined : samples[pointed.value];
  return (
    <>
      {status.lockdown !== null && <Lockdown lockdown={status.lockdown} at={status.at} />}
      <div class="moment">
        <p>
          {then === undefined
            ? `Now, ${clock(status.at, { seconds: true })}`
            : `At ${clock(then.at, { seconds: true })}`}
          , and the last hour
        </p>
        <Running status={status} />
      </div>
      <div class="figures">
        {FIGURES.map((figure) => (
          <Graph
            key={figure.title}
            figure={figure}
            sample={then ?? status.now}
            samples={samples}
            times={times}
            onPoint={(index) => pointed.value = index}
          />
        ))}
      </div>
      <Facts status={status} />
    </>
  );
}

function Lockdown({ lockdown: { mode, until, by }, at }: { lockdown: LockdownInfo; at: string }) {
  const left = Date.parse(until) - Date.parse(at);
  const { title, text } = lockdownOf(mode);
  return (
    <p class="lockdown">
      <strong>Locked down: {title}.</strong> {text} By {by}, until{" "}
      {left < DAY_MS ? clock(until) : dateTime(until)}: <span class="timer">{timer(left)}</span> left.{" "}
      <a href="#lockdown">Change</a>
    </p>
  );
}

/** A figure as a number and as a line. */
function Graph(
  { figure: { title, hint, of, written, scaled, top }, sample, samples, times, onPoint }: {
    figure: Figure;
    sample: Sample;
    samples: readonly Sample[];
    times: readonly number[];
    onPoint: (index: number | undefined) => void;
  },
) {
  const values = useMemo(() => samples.map(of), [samples]);
  const text = (value: number) => written(value).join(" ").trim();
  const [number, unit] = written(of(sample));
  const range = values.length === 0 ? "" : `: ${text(Math.min(...values))} to ${text(Math.max(...values))}`;
  return (
    <section class="figure">
      <h2>
        {title} <span class="hint">{hint}</span>
      </h2>
      <p class="number">
        {number}
        {unit !== "" && <span class="unit">{unit}</span>}
      </p>
      <Chart
        label={`${title} over the last hour${range}`}
        times={times}
        values={values}
        top={top}
        scaled={scaled}
        onPoint={onPoint}
      />
    </section>
  );
}

function Running({ status: { at, version, started_at } }: { status: ServerStatus }) {
  return (
    <p title={`since ${dateTime(started_at)}`}>
      Parley {version}, running for{" "}
      <span class="timer">{timer(Date.parse(at) - Date.parse(started_at))}</span>
    </p>
  );
}

function Facts({ status: { at, listeners, certificate, last_backup: backup } }: { status: ServerStatus }) {
  const ends = certificate.days_left < LEAST_CERTIFICATE_DAYS;
  return (
    <dl class="facts">
      <Fact name="Listening on">
        <ul>
          {listeners.map(({ name, address }) => (
            <li key={name}>
              <code>{address}</code> <span class="hint">{LISTENERS[name]}</span>
            </li>
          ))}
        </ul>
      </Fact>
      <Fact name="Certificate">
        <span class={ends ? "marked" : undefined}>
          {daysLeft(certificate.days_left)}
        </span>
        <span class="hint">
          {certificate.subject},{" "}
          {certificate.self_signed ? "made by Parley itself" : "signed by an authority"}, ends{" "}
          {date(certificate.expires_at)}
        </span>
        <code class="fingerprint">
          {certificate.fingerprint.split(/(?<=:)/).map((byte) => (
            <>
              {byte}
              <wbr />
            </>
          ))}
        </code>
      </Fact>
      <Fact name="Last verified backup">
        {backup === null ? <span class="marked">none yet</span> : ago(backup.at, Date.parse(at))}
        {backup === null
          ? (
            <span class="hint">
              <a href="#backup">Make one</a>
            </span>
          )
          : (
            <span class="hint">
              {dateTime(backup.at)}, {backup.messages.toLocaleString()} messages in {backup.file}
            </span>
          )}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function daysLeft(days: number): string {
  if (days < 0) return "expired: replace it now";
  const left = `${days} ${days === 1 ? "day" : "days"} left`;
  return days < LEAST_CERTIFICATE_DAYS ? `${left}: replace it soon` : left;
}
