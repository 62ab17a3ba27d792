import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";

/** What is open above the page. */
export type Panel =
  | { readonly is: "rooms" | "room" | "account" | "help" }
  | { readonly is: "person"; readonly name: string }
  | { readonly is: "search"; readonly words: string };

/** Which of the three columns is seen where there is room for one alone. */
export type Pane = "places" | "talk" | "people";

/** How the page is laid out, and what is open above it. */
export class View implements Disposable {
  readonly panel: Signal<Panel | undefined> = signal(undefined);
  /** The people stand beside what is said, or in its place. */
  readonly people: Signal<boolean>;
  readonly pane: ReadonlySignal<Pane>;
  /** The id of the message that is looked for, until it is shown. */
  readonly sought: Signal<string | undefined> = signal(undefined);
  /** Rises when the end of what is said is to be seen. */
  readonly endWanted: Signal<number> = signal(0);
  /** Who is to be spoken to: the name goes to where one writes. */
  readonly mentioned: Signal<string | undefined> = signal(undefined);
  #narrow = matchMedia("(max-width: 46rem)");
  #isNarrow: Signal<boolean>;
  #atPlaces: Signal<boolean> = signal(isWithoutPlace());
  #resized = () => this.#isNarrow.value = this.#narrow.matches;
  #moved = () => {
    this.#atPlaces.value = isWithoutPlace();
    if (this.#isNarrow.value) this.people.value = false;
  };

  constructor() {
    this.#isNarrow = signal(this.#narrow.matches);
    this.people = signal(matchMedia("(min-width: 64rem)").matches);
    this.pane = computed(() => {
      if (!this.#isNarrow.value) return "talk";
      return this.people.value ? "people" : this.#atPlaces.value ? "places" : "talk";
    });
    this.#narrow.addEventListener("change", this.#resized);
    addEventListener("hashchange", this.#moved);
  }

  /** There is room for one column alone. */
  get narrow(): ReadonlySignal<boolean> {
    return this.#isNarrow;
  }

  open(panel: Panel): void {
    this.panel.value = panel;
  }

  close(): void {
    this.panel.value = undefined;
  }

  /** Shows where what was typed stands, and what comes of it. */
  showEnd(): void {
    this.endWanted.value++;
  }

  /** Puts a name where one writes. */
  mention(name: string): void {
    this.close();
    if (this.#isNarrow.value) this.people.value = false;
    this.mentioned.value = name;
  }

  [Symbol.dispose](): void {
    this.#narrow.removeEventListener("change", this.#resized);
    removeEventListener("hashchange", this.#moved);
  }
}

/** The address names no place: where there is room for one column alone, that is the list of them. */
function isWithoutPlace(): boolean {
  return /^#?$/.test(location.hash);
}
