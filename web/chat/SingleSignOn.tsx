import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { IdentityInfo, ProviderInfo } from "../../server/wire/web_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import type { useNotice } from "../shared/Notice.tsx";
import { ago, date } from "../shared/time.ts";
import { useChatting } from "./chatting.ts";
import { Section } from "./Section.tsx";

type Noticing = ReturnType<typeof useNotice>;

/** Who one is for identity providers, by which one may come in. */
export function SingleSignOn({ notice }: { notice: Noticing }) {
  const { own, entrance } = useChatting().session;
  useEffect(() => void own.learnIdentities().catch(notice.fail), []);
  const identities = own.identities.value;
  return (
    <Section title={`Single sign-on (${identities.length})`}>
      <p class="hint">Whom you link lets you in without a password of this server.</p>
      <ul class="plain-list">
        {identities.map((identity) => <Row key={identity.id} identity={identity} notice={notice} />)}
      </ul>
      <div class="row">
        {entrance.server.value!.providers.map((provider) => (
          <LinkButton key={provider.name} provider={provider} notice={notice} />
        ))}
      </div>
    </Section>
  );
}

function LinkButton({ provider: { name, title, available }, notice }: {
  provider: ProviderInfo;
  notice: Noticing;
}) {
  const { own } = useChatting().session;
  return (
    <button
      type="button"
      class="small"
      disabled={!available}
      onClick={() => void own.link(name).catch(notice.fail)}
    >
      {available ? `Link ${title}` : `${title} does not answer just now`}
    </button>
  );
}

function Row({ identity, notice }: { identity: IdentityInfo; notice: Noticing }) {
  const { own } = useChatting().session;
  const removing = useSignal(false);
  const { id, title, label, linked_at, last_used_at } = identity;
  const used = last_used_at === null ? "not used yet" : `used ${ago(last_used_at, Date.now())}`;
  return (
    <li>
      <span>
        {title}: {label}
        <small class="more">since {date(linked_at)}, {used}</small>
      </span>
      <button
        type="button"
        class="small"
        aria-label={`Remove ${title}: ${label}`}
        onClick={() => removing.value = true}
      >
        Remove
      </button>
      {removing.value && (
        <Confirm
          title={`Remove ${title}?`}
          deed="Remove"
          danger
          onConfirm={async () => {
            await own.unlink(id);
            notice.tell(`You do not come in by ${title} any more.`);
          }}
          onClose={() => removing.value = false}
        >
          <p>You do not come in as {label} any more.</p>
        </Confirm>
      )}
    </li>
  );
}
