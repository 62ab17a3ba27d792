import { canonicalFold, nameFolds } from "../accounts/names.ts";
import type { Role } from "../accounts/roles.ts";
import type { Member } from "./member.ts";

/** Who is present, each under every key that the name takes up, so that no two look alike. */
export class Roster {
  /** Folded name → member; a member stands under each of its folds. */
  #byFold = new Map<string, Member>();
  /** Person's key → member. */
  #byKey = new Map<string, Member>();
  #members = new Set<Member>();
  /** Those who ignore anybody: few, so that telling all need not look at everyone. */
  #ignoring = new Set<Member>();
  /** Made anew after a change only: a full room asks for it at every arrival. */
  #names: readonly string[] | undefined;

  /** In the order of arrival. */
  get members(): Iterable<Member> {
    return this.#members;
  }

  get size(): number {
    return this.#members.size;
  }

  /** The names of those who have been here longest, so many at most. */
  firstNames(most: number): string[] {
    return Array.from(this.#members.values().take(most), (member) => member.name);
  }

  /** The names of all, in the order of arrival. The same array until somebody comes, goes or is renamed. */
  get names(): readonly string[] {
    return this.#names ??= Array.from(this.#members, (member) => member.name);
  }

  /** Those who do not want to hear whoever has this name. */
  ignoring(name: string): Member[] {
    if (this.#ignoring.size === 0) return [];
    const fold = canonicalFold(name);
    return Array.from(this.#ignoring).filter((member) => member.ignored.has(fold));
  }

  /** Who is present under this name, written in any case. */
  find(name: string): Member | undefined {
    const fold = canonicalFold(name);
    const member = this.#byFold.get(fold);
    return member?.fold === fold ? member : undefined;
  }

  /** Who is present of this key: an account's id, or a guest's own, be it of one who has become a member. */
  findByKey(key: string): Member | undefined {
    return this.#byKey.get(key);
  }

  /** Whether nobody present has this name or one that looks like it. */
  isFree(name: string): boolean {
    return this.presentUnder(name).length === 0;
  }

  /** Those present who have this name or one that looks like it. */
  presentUnder(name: string): Member[] {
    const found = nameFolds(name).map((fold) => this.#byFold.get(fold));
    return [...new Set(found.filter((member) => member !== undefined))];
  }

  add(member: Member): void {
    this.#members.add(member);
    if (member.ignored.size > 0) this.#ignoring.add(member);
    for (const fold of member.folds) this.#byFold.set(fold, member);
    this.#byKey.set(member.key, member);
    this.#names = undefined;
  }

  remove(member: Member): void {
    this.#members.delete(member);
    this.#ignoring.delete(member);
    for (const fold of member.folds) this.#byFold.delete(fold);
    this.#byKey.delete(member.key);
    if (member.guestKey !== undefined) this.#byKey.delete(member.guestKey);
    this.#names = undefined;
  }

  ignore(member: Member, name: string): void {
    member.ignored = new Map([...member.ignored, [canonicalFold(name), name]]);
    this.#ignoring.add(member);
  }

  /** The name that is no longer ignored; undefined where it was not. */
  unignore(member: Member, name: string): string | undefined {
    const fold = canonicalFold(name);
    const unignored = member.ignored.get(fold);
    member.ignored = new Map([...member.ignored].filter(([ignored]) => ignored !== fold));
    if (member.ignored.size === 0) this.#ignoring.delete(member);
    return unignored;
  }

  rename(member: Member, name: string): void {
    for (const fold of member.folds) this.#byFold.delete(fold);
    member.rename(name);
    for (const fold of member.folds) this.#byFold.set(fold, member);
    this.#names = undefined;
  }

  /** Gives a guest an account, and with it name and role. */
  promote(member: Member, identity: { name: string; role: Role; account: string }): void {
    this.rename(member, identity.name);
    member.becomeAccount(identity.account);
    member.role = identity.role;
    this.#byKey.set(member.key, member);
  }
}
