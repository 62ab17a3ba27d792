import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { sentenceOf } from "../shared/sentence.ts";
import { bound } from "./bound.ts";
import { useChatting } from "./chatting.ts";
import type { Finding } from "./deeds.ts";
import { dayAndClock } from "./moments.ts";
import { Name } from "./Name.tsx";
import { personOf } from "./place.ts";

/** Finds what was said, where one may read. */
export function SearchPanel({ words }: { words: string }) {
  const { deeds } = useChatting();
  const wanted = useSignal(words);
  const found = useSignal<readonly Finding[] | undefined>(undefined);
  const failure = useSignal<string | undefined>(undefined);
  async function search(): Promise<void> {
    if (wanted.value.trim() === "") return;
    failure.value = undefined;
    try {
      found.value = await deeds.search(wanted.value);
    } catch (error) {
      failure.value = sentenceOf(error);
    }
  }
  useEffect(() => void search(), []);
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        void search();
      }}
    >
      <div class="row">
        <input
          type="search"
          aria-label="Words to look for"
          placeholder="Words to look for"
          autofocus
          {...bound(wanted)}
        />
        <button type="submit" class="primary">Find</button>
      </div>
      <div role="alert">{failure.value !== undefined && <p class="error">{failure.value}</p>}</div>
      <p class="hint" role="status">{found.value && inWords(found.value.length)}</p>
      <ul class="choices">
        {found.value?.map(({ place, said }) => (
          <li key={said.id}>
            <button type="button" class="plain" onClick={() => deeds.show(place, said.id)}>
              <span>
                <Name name={said.from} />
                <small>{personOf(place) === undefined ? place : "privately"}</small>
                <small>{dayAndClock(said.atMs, Date.now())}</small>
              </span>
              <span class="quote">{said.text}</span>
            </button>
          </li>
        ))}
      </ul>
    </form>
  );
}

function inWords(count: number): string {
  return count === 0 ? "Nothing was found with all these words." : `${count} found, the newest first.`;
}
