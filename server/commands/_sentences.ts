import type { BanTarget } from "../chat/ban_list.ts";
import type { ListedBan } from "../chat/bans_in_force.ts";
import { readDuration } from "../chat/duration.ts";

/** What is said about somebody. */
export interface Sentence {
  readonly name: string;
  readonly ms: number | undefined;
  readonly why: string;
}

export function readNameAndWhy(rest: string): { name: string; why: string } | undefined {
  const [, name, why = ""] = /^(\S+)(?:\s+(.+))?$/su.exec(rest) ?? [];
  return name === undefined ? undefined : { name, why };
}

/** A name, and then how long and why, both of which may be missing. What looks like a time and is none is no reason. */
export function readSentence(rest: string): Sentence | undefined {
  const read = readNameAndWhy(rest);
  if (read === undefined) return undefined;
  const [, first = "", others = ""] = /^(\S*)\s*(.*)$/su.exec(read.why) ?? [];
  const ms = readDuration(first);
  if (ms === undefined && /^\d+[a-z]$/i.test(first)) return undefined;
  return { name: read.name, ms, why: ms === undefined ? read.why : others };
}

export function endOf(ms: number | undefined): { until?: Date } {
  return ms === undefined ? {} : { until: new Date(Date.now() + ms) };
}

export function banLine({ number, kind, target, room, until, reason, by }: ListedBan): string {
  const where = room === undefined ? "" : ` in #${room}`;
  const how = kind === "ban" ? "banned" : "muted";
  return `  ${number}  ${nameOf(target)} is ${how}${where}${forHowLong(until)} by ${by}${because(reason)}`;
}

export function nameOf(target: BanTarget): string {
  switch (target.type) {
    case "account":
      return target.name;
    case "guest":
      return `the guest ${target.name}`;
    case "network":
      return target.network;
  }
}

export function forHowLong(until: Date | undefined): string {
  return until === undefined ? "" : ` until ${endMinute(until)} UTC`;
}

export function because(why: string): string {
  return why === "" ? "." : `: ${why}`;
}

/** Rounded up, as in what the one hit is told: it is over by then. */
export function endMinute(at: Date): string {
  return minuteOf(new Date(Math.ceil(at.getTime() / 60_000) * 60_000));
}

export function minuteOf(at: Date): string {
  return at.toISOString().slice(0, 16).replace("T", " ");
}
