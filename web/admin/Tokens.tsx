import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { NewTokenRow, TokenRow } from "../../server/wire/admin_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { hasWords, wordsOf } from "../shared/ordering.ts";
import { type Column, Table } from "../shared/Table.tsx";
import { date, dateTime } from "../shared/time.ts";
import { useApi } from "./api.ts";
import { Facts } from "./Facts.tsx";
import { pageOf, useListing } from "./listing.ts";
import { NewToken } from "./NewToken.tsx";
import { Rest } from "./Rest.tsx";
import "./sections.css";
import { ShownToken } from "./ShownToken.tsx";

const TOKENS_A_CALL = 500;
const TOKENS_AT_A_TIME = 5_000;

/** The access tokens that are good, with those of browsers that are signed in. */
export function Tokens() {
  const api = useApi();
  const notice = useNotice();
  const search = useSignal("");
  const issuing = useSignal(false);
  const issued = useSignal<NewTokenRow | undefined>(undefined);
  const open = useSignal<TokenRow | undefined>(undefined);
  const listing = useListing(async (after) => {
    const { tokens, more } = await api.tokens({ after, limit: TOKENS_A_CALL });
    return pageOf(tokens, { more, idOf: ({ id }) => id });
  }, { atATime: TOKENS_AT_A_TIME });
  const columns = useMemo(() => columnsWith((token) => open.value = token), []);
  const all = listing.rows.value;
  const rows = useMemo(() => found(all ?? [], search.value), [all, search.value]);
  return (
    <>
      <div class="toolbar">
        <input
          type="search"
          aria-label="Filter tokens"
          placeholder="Filter by name, label, scope…"
          value={search.value}
          onInput={(event) => search.value = event.currentTarget.value}
        />
        <button type="button" class="primary" onClick={() => issuing.value = true}>New token…</button>
      </div>
      <Notice said={notice.said} />
      {all !== undefined && (
        <Table
          label="Tokens"
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          order={{ column: "issued", way: "descending" }}
          empty={all.length === 0 ? "There is no live token." : "No token is like that."}
        />
      )}
      <Rest listing={listing} more="Show more tokens" />
      {issuing.value && (
        <NewToken
          onIssued={(token) => {
            issuing.value = false;
            issued.value = token;
            notice.tell(`${token.name} has a new token, “${token.label}”.`);
            void listing.refresh();
          }}
          onClose={() => issuing.value = false}
        />
      )}
      {issued.value !== undefined && (
        <ShownToken
          token={issued.value}
          onClose={() => issued.value = undefined}
        />
      )}
      {open.value !== undefined && (
        <Token
          token={open.value}
          onRevoked={(token) => {
            notice.tell(`The token “${token.label}” of ${token.name} is revoked.`);
            void listing.refresh();
          }}
          onClose={() => open.value = undefined}
        />
      )}
    </>
  );
}

/** What is known of a token, and the way to end it. */
function Token(
  { token, onRevoked, onClose }: {
    token: TokenRow;
    onRevoked: (token: TokenRow) => void;
    onClose: () => void;
  },
) {
  const api = useApi();
  const { id, name, label, scope, issued_at, expires_at } = token;
  async function revoke(): Promise<void> {
    await api.revokeToken(id);
    onRevoked(token);
  }
  return (
    <Confirm
      title={`Revoke “${label}” of ${name}?`}
      deed="Revoke"
      danger
      onConfirm={revoke}
      onClose={onClose}
    >
      <Facts
        facts={[
          ["Good for", scope],
          ["Issued", dateTime(issued_at)],
          ["Ends", dateTime(expires_at)],
          ["Id", <code key="id">{id}</code>],
        ]}
      />
      <p>Every connection that came in by it closes within a second. This cannot be undone.</p>
    </Confirm>
  );
}

function columnsWith(onOpen: (token: TokenRow) => void): readonly Column<TokenRow>[] {
  return [
    {
      name: "label",
      title: "Label",
      rem: 9,
      sortBy: ({ label }) => label,
      draw: (token) => (
        <button type="button" class="handle" onClick={() => onOpen(token)}>{token.label}</button>
      ),
      hint: ({ label }) => label,
    },
    { name: "name", title: "Whose", rem: 8, sortBy: ({ name }) => name, draw: ({ name }) => name },
    {
      name: "scope",
      title: "Good for",
      rem: 11,
      sortBy: ({ scope }) => scope,
      draw: ({ scope }) => scope,
      hint: ({ scope }) => scope,
    },
    {
      name: "issued",
      title: "Issued",
      rem: 7,
      sortBy: ({ issued_at }) => issued_at,
      draw: ({ issued_at }) => date(issued_at),
      hint: ({ issued_at }) => dateTime(issued_at),
    },
    {
      name: "ends",
      title: "Ends",
      rem: 7,
      sortBy: ({ expires_at }) => expires_at,
      draw: ({ expires_at }) => date(expires_at),
      hint: ({ expires_at }) => dateTime(expires_at),
    },
  ];
}

function found(tokens: readonly TokenRow[], search: string): readonly TokenRow[] {
  const words = wordsOf(search);
  if (words.length === 0) return tokens;
  return tokens.filter(({ name, label, scope, id }) =>
    hasWords(`${name} ${label} ${scope} ${id}`.toLowerCase(), words)
  );
}
