import { useSignal } from "@preact/signals";
import { type ComponentChildren, render } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Samples } from "../../server/wire/admin_types.ts";
import type { ServerInfo } from "../../server/wire/web_types.ts";
import { clock } from "../shared/time.ts";
import { sentenceOf } from "../shared/sentence.ts";
import "../shared/theme.css";
import "./admin.css";
import { AdminApi, ApiOfPage } from "./api.ts";
import { Live, LiveOfPage } from "./live.ts";
import { PasswordAgain } from "./PasswordAgain.tsx";
import { type Section, sectionsFor } from "./sections.ts";
import { Session, type SignedIn } from "./session.ts";
import { Setup } from "./Setup.tsx";
import { SignIn } from "./SignIn.tsx";

render(location.pathname === "/setup" ? <Setup /> : <Admin />, document.body);

/** The admin page, for whom it is for. */
function Admin() {
  const session = useMemo(() => new Session(), []);
  useEffect(() => void session.load(), []);
  const account = session.account.value;
  const server = session.server.value;
  if (session.failure.value !== undefined) {
    return <Stop text={sentenceOf(session.failure.value)} deed="Try again" onPress={() => session.load()} />;
  }
  if (account === undefined || server === undefined) return null;
  if (account === null) {
    return <SignIn server={server} onSignIn={(username, password) => session.signIn(username, password)} />;
  }
  if (sectionsFor(account.role).length === 0) {
    const text = `${account.name} is a member, and these pages are for admins and moderators.`;
    return <Stop text={text} deed="Sign out" onPress={() => session.signOut()} />;
  }
  return (
    <>
      <Shell key={account.id} server={server} session={session} account={account} />
      {session.passwordWanted.value && (
        <PasswordAgain
          name={account.name}
          onPassword={(password) => session.confirm(password)}
          onGiveUp={() => session.giveUp()}
        />
      )}
    </>
  );
}

function Stop({ text, deed, onPress }: { text: string; deed: string; onPress: () => Promise<void> }) {
  return (
    <main class="alone">
      <div class="sheet">
        <h1>Parley</h1>
        <p class="lead" role="status">{text}</p>
        <div class="actions">
          <a class="button" href="/">To the chat</a>
          <button type="button" class="primary" onClick={onPress}>{deed}</button>
        </div>
      </div>
    </main>
  );
}

/** The sections with the way between them, and what all of them stand on. */
function Shell(
  { server, session, account }: { server: ServerInfo; session: Session; account: SignedIn },
) {
  const api = useMemo(() => new AdminApi(session), []);
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
          <Self account={account} onSignOut={() => session.signOut()} />
          <Content key={section.name} section={section} place={server.name}>
            <Line live={live} onGoOn={() => begun.value++} />
          </Content>
        </div>
      </LiveOfPage.Provider>
    </ApiOfPage.Provider>
  );
}

/** What has been until now, for those who may know; for all, whether they may look at what is. */
async function pastFor({ role }: SignedIn, api: AdminApi): Promise<Samples | undefined> {
  if (role === "admin") return await api.samples();
  await api.connections({ limit: 1 });
}

function Self({ account: { name, role }, onSignOut }: { account: SignedIn; onSignOut: () => Promise<void> }) {
  return (
    <footer class="self">
      <span>
        <strong>{name}</strong> {role}
      </span>
      <a href="/">Chat</a>
      <button type="button" class="plain small" onClick={onSignOut}>Sign out</button>
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
          <span>Nothing is live without your password.{since}</span>
          <button type="button" class="small" onClick={onGoOn}>Give it</button>
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
