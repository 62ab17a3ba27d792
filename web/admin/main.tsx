import { useSignal } from "@preact/signals";
import { type ComponentChildren, render } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Samples } from "../../server/wire/admin_types.ts";
import type { ServerInfo } from "../../server/wire/web_types.ts";
import { type Account, Entrance } from "../entrance/entrance.ts";
import { clock } from "../shared/time.ts";
import { sentenceOf } from "../shared/sentence.ts";
import "../shared/theme.css";
import "./admin.css";
import { AdminApi, ApiOfPage } from "./api.ts";
import { Door } from "./Door.tsx";
import { Live, LiveOfPage } from "./live.ts";
import { type Section, sectionsFor } from "./sections.ts";
import { Setup } from "./Setup.tsx";
import { StillYou } from "./StillYou.tsx";

render(location.pathname === "/setup" ? <Setup /> : <Admin />, document.body);

/** The admin page, for whom it is for. */
function Admin() {
  const entrance = useMemo(() => new Entrance(), []);
  useEffect(() => void entrance.open(), []);
  const standing = entrance.standing.value;
  const server = entrance.server.value;
  if (standing.is !== "inside" || server === undefined) return <Door entrance={entrance} />;
  const { account } = standing;
  if (sectionsFor(account.role).length === 0) return <ForOthers entrance={entrance} account={account} />;
  return (
    <>
      <Shell key={account.id} server={server} entrance={entrance} account={account} />
      <StillYou entrance={entrance} account={account} />
    </>
  );
}

/** For who is signed in and has no business here. */
function ForOthers({ entrance, account: { name } }: { entrance: Entrance; account: Account }) {
  return (
    <main class="alone">
      <div class="sheet">
        <h1>Parley</h1>
        <p class="lead" role="status">{name} is a member, and these pages are for admins and moderators.</p>
        <div class="actions">
          <a class="button" href="/">To the chat</a>
          <LogOut entrance={entrance} look="primary" />
        </div>
      </div>
    </main>
  );
}

/** Logs out; where the server cannot be told, the door says so. */
function LogOut({ entrance, look }: { entrance: Entrance; look: string }) {
  async function logOut(): Promise<void> {
    entrance.confirmation.giveUp();
    try {
      await entrance.logOut();
    } catch (error) {
      entrance.leave({ good: false, text: sentenceOf(error) });
    }
  }
  return <button type="button" class={look} onClick={logOut}>Log out</button>;
}

/** The sections with the way between them, and what all of them stand on. */
function Shell(
  { server, entrance, account }: { server: ServerInfo; entrance: Entrance; account: Account },
) {
  const api = useMemo(() => new AdminApi(entrance), []);
  const live = useMemo(() => new Live(), []);
  const begun = useSignal(0);
  useEffect(() => {
    const left = new AbortController();
    void live.follow(() => pastFor(account, api), left.signal);
    return () => left.abort();
  }, [account.role, begun.value]);
  const sections = sectionsFor(account.role);
  const name = useHash();
  const section = sections.find((section) => section.name === name) ?? sections[0]!;
  return (
    <ApiOfPage.Provider value={api}>
      <LiveOfPage.Provider value={live}>
        <div class="shell">
          <header class="brand">{server.name}</header>
          <Navigation sections={sections} current={section} />
          <Self account={account} entrance={entrance} />
          <Content key={section.name} section={section} place={server.name}>
            <Line live={live} onGoOn={() => begun.value++} />
          </Content>
        </div>
      </LiveOfPage.Provider>
    </ApiOfPage.Provider>
  );
}

/** What has been until now, for those who may know; for all, whether they may look at what is. */
async function pastFor({ role }: Account, api: AdminApi): Promise<Samples | undefined> {
  if (role === "admin") return await api.samples();
  await api.connections({ limit: 1 });
}

function Self({ account: { name, role }, entrance }: { account: Account; entrance: Entrance }) {
  return (
    <footer class="self">
      <span>
        <strong>{name}</strong> {role}
      </span>
      <a href="/">Chat</a>
      <LogOut entrance={entrance} look="plain small" />
    </footer>
  );
}

function Navigation({ sections, current }: { sections: readonly Section[]; current: Section }) {
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current]);
  return (
    <nav class="navigation" aria-label="Sections">
      <ul ref={list}>
        {sections.map((section) => (
          <li key={section.name}>
            <a href={`#${section.name}`} aria-current={section === current ? "page" : undefined}>
              {section.title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Content(
  { section: { title, Content }, place, children }: {
    section: Section;
    place: string;
    children: ComponentChildren;
  },
) {
  useEffect(() => void (document.title = `${title} – ${place}`), []);
  return (
    <main class="section" tabIndex={0}>
      <h1>{title}</h1>
      {children}
      <Content />
    </main>
  );
}

/** Says so where what is shown is not what is. */
function Line({ live, onGoOn }: { live: Live; onGoOn: () => void }) {
  const at = live.status.value?.at;
  const since = at === undefined ? "" : ` What you see is from ${clock(at, { seconds: true })}.`;
  return (
    <div role="status">
      {live.state.value === "lost" && (
        <p class="error">{live.reason.value || "The line to the server is broken."}{since} Trying again…</p>
      )}
      {live.state.value === "stopped" && (
        <p class="error row">
          <span>Nothing is live until you have shown who you are.{since}</span>
          <button type="button" class="small" onClick={onGoOn}>Go on</button>
        </p>
      )}
    </div>
  );
}

/** What stands behind the # of the address. */
function useHash(): string {
  const hash = useSignal(location.hash.slice(1));
  useEffect(() => {
    const follow = () => hash.value = location.hash.slice(1);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return hash.value;
}
