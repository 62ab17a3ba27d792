import { BrokenPromise } from "./broken_promise.ts";
import type { ConnectionId, Happening, Mode, PersonId } from "./happening.ts";

/** A connection, as far as it is seen from outside. Moments are counted in happenings. */
export interface Connection {
  readonly id: ConnectionId;
  readonly mode: Mode;
  readonly openedAt: number;
  person: PersonId | undefined;
  enteredAt: number;
  mayEnd: boolean;
  mustEnd: { readonly because: string; readonly byMs: number } | undefined;
}

type Of<Type extends Happening["type"]> = Extract<Happening, { type: Type }>;

/** Who is who: the names that people have, by what connections they are here, and who has to be gone. */
export class People {
  /** Those that are open. */
  readonly connections = new Map<ConnectionId, Connection>();
  /** Folded name → who has it: an account for good, a guest while here. */
  #holders = new Map<string, PersonId>();
  /** Person → folded names, those of today and of before. */
  #names = new Map<PersonId, Set<string>>();
  /** Person → when a connection ended last of which not everything was read. */
  #lostAt = new Map<PersonId, number>();
  /** Whose connection ended last without a word: the server may not know of it for a moment. */
  #vanished = new Set<PersonId>();
  #accounts = new Set<PersonId>();
  /** Who is banned → since when. */
  #banned = new Map<PersonId, number>();

  isAccount(person: PersonId): boolean {
    return this.#accounts.has(person);
  }

  /** Whether this name is, or was, this person's. */
  isNameOf(person: PersonId, name: string): boolean {
    return this.#names.get(person)?.has(fold(name)) ?? false;
  }

  /** Folded names, those of today and of before. */
  namesOf(person: PersonId): string[] {
    return [...this.#names.get(person) ?? []];
  }

  /** Those by which somebody is here. */
  of(person: PersonId): Connection[] {
    return [...this.connections.values()].filter((connection) => connection.person === person);
  }

  /** Whether something that was told after a moment may have been lost with a connection. */
  mayHaveLost(person: PersonId, since: number): boolean {
    return (this.#lostAt.get(person) ?? -1) > since;
  }

  /** Whether somebody is gone of whom the server may believe for a moment that this is not so. */
  mayBeThoughtHere(person: PersonId): boolean {
    return this.#vanished.has(person) && this.of(person).length === 0;
  }

  hasAccount({ person, name }: Of<"has account">): void {
    this.#accounts.add(person);
    this.takesName({ type: "asks for name", person, name });
  }

  /** Of one who only asks, the name may become that one's; nobody else asks for it. */
  takesName({ person, name }: Of<"asks for name">): void {
    const holder = this.#holders.get(fold(name));
    if (holder !== undefined && holder !== person) {
      throw new BrokenPromise("own", `${person} is called ${name}, which is the name of ${holder}.`);
    }
    this.#holders.set(fold(name), person);
    this.#names.set(person, (this.#names.get(person) ?? new Set()).add(fold(name)));
  }

  opens({ connection: id, mode }: Of<"opens">, at: number): void {
    this.connections.set(id, {
      id,
      mode,
      openedAt: at,
      person: undefined,
      enteredAt: Infinity,
      mayEnd: false,
      mustEnd: undefined,
    });
  }

  enters({ connection: id, person, name }: Of<"enters">, at: number): void {
    const connection = this.connections.get(id);
    if (connection === undefined) return; // it has ended meanwhile
    const isBanned = connection.openedAt > (this.#banned.get(person) ?? Infinity);
    if (isBanned) throw new BrokenPromise("revoked", `${person} is banned and has come in.`);
    this.takesName({ type: "asks for name", person, name });
    connection.person = person;
    connection.enteredAt = at;
  }

  mayEnd({ connection }: Of<"may end">): void {
    const found = this.connections.get(connection);
    if (found !== undefined) found.mayEnd = true;
  }

  mustEnd({ connection, because, byMs }: Of<"must end">): void {
    const found = this.connections.get(connection);
    if (found === undefined) return;
    found.mayEnd = true;
    found.mustEnd ??= { because, byMs };
  }

  ends({ connection: id, clean }: Of<"ends">, at: number): void {
    const connection = this.connections.get(id);
    if (connection === undefined) return;
    if (!connection.mayEnd) {
      const who = connection.person ?? "somebody who had not come in yet";
      throw new BrokenPromise(
        "undisturbed",
        `Connection ${id} of ${who} was ended, and nobody had asked for it.`,
      );
    }
    this.#takeOut(connection, { clean, at });
  }

  serverEnds(at: number): void {
    for (const connection of this.connections.values()) this.#takeOut(connection, { clean: false, at });
  }

  timePasses({ nowMs }: Of<"time passes">): void {
    for (const { id, person, mustEnd } of this.connections.values()) {
      if (mustEnd !== undefined && mustEnd.byMs < nowMs) {
        throw new BrokenPromise(
          "revoked",
          `Connection ${id} of ${person} goes on, though ${mustEnd.because}.`,
        );
      }
    }
  }

  bans({ person }: Of<"bans">, at: number): void {
    this.#banned.set(person, at);
  }

  unbans({ person }: Of<"asks to unban">): void {
    this.#banned.delete(person);
  }

  #takeOut({ id, person }: Connection, { clean, at }: { clean: boolean; at: number }): void {
    this.connections.delete(id);
    if (person === undefined) return;
    if (clean) this.#vanished.delete(person);
    else {
      this.#vanished.add(person);
      this.#lostAt.set(person, at);
    }
    if (this.#accounts.has(person)) return;
    for (const name of this.#names.get(person) ?? []) this.#holders.delete(name);
  }
}

/** Names are the same however they are written. */
export function fold(name: string): string {
  return name.toLowerCase();
}
