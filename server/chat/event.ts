import type { Role } from "../accounts/roles.ts";

/** What has happened in the chat: kept, told to other nodes, rendered; never changed. */
export type ChatEvent =
  | Message
  | Direct
  | Joined
  | Left
  | Renamed
  | TopicSet
  | Deleted
  | Noted
  | Told
  | Announced;

/** Something said to everyone in a room. */
export interface Message {
  readonly type: "message";
  /** A ULID; the ids of a room rise in the order in which everybody sees its messages. */
  readonly id: string;
  /** Which of the room's messages it is, from 1: what people call it by. */
  readonly number: number;
  readonly room: string;
  readonly from: string;
  /** The id of the account that spoke; undefined for guests and the server. */
  readonly author: string | undefined;
  readonly text: string;
  /** Said with `/me`. */
  readonly action: boolean;
  readonly at: Date;
}

/** Something said to one person. */
export interface Direct {
  readonly type: "direct";
  /** A ULID. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** The keys of the two, as `Person.key` has them: names change hands, these do not. */
  readonly fromKey: string;
  readonly toKey: string;
  readonly text: string;
  readonly at: Date;
}

export interface Joined {
  readonly type: "joined";
  readonly room: string;
  readonly name: string;
  readonly passage: Passage;
  readonly at: Date;
}

export interface Left {
  readonly type: "left";
  readonly room: string;
  readonly name: string;
  readonly reason: LeaveReason;
  readonly passage: Passage;
  readonly at: Date;
}

/**
 * How somebody came into a room, or went: by its own door, or together with all their rooms because they came online or
 * went offline. People read the latter once, of the lobby; programs are told of each room.
 */
export type Passage = "door" | "presence";

/**
 * Comings and goings in one room that are told together: when many come, each reader gets one piece of them and not
 * hundreds. They go to readers only, never over the bus.
 */
export interface Passages {
  readonly type: "passages";
  readonly room: string;
  /** In the order in which they happened. Readers who came at different moments share the array. */
  readonly all: readonly (Joined | Left)[];
  /** Which of them is the first that this reader is told of. */
  readonly from: number;
  /** So many are in the room that people are told how many came and went, and not of each. */
  readonly digested: boolean;
  readonly at: Date;
}

/**
 * What was said in one room and is told together, because it was kept together: each reader gets one piece of it. It goes
 * to readers only, never over the bus.
 */
export interface Messages {
  readonly type: "messages";
  readonly room: string;
  /** In the order of their ids; at least two. Readers who are not told the same of them share the array. */
  readonly all: readonly Message[];
  /** Which of them this reader is told of: from the one up to, and without, the other. */
  readonly from: number;
  readonly to: number;
}

/** What a reader is told. */
export type Telling = ChatEvent | Passages | Messages;

/** Why somebody is gone. The words are part of JSON mode and stay as they are. */
export type LeaveReason = "quit" | "timeout" | "kicked" | "too slow" | "shutdown";

/** Somebody has taken another name. */
export interface Renamed {
  readonly type: "renamed";
  readonly from: string;
  readonly to: string;
  readonly at: Date;
}

export interface TopicSet {
  readonly type: "topic";
  readonly room: string;
  /** Empty where it was taken away. */
  readonly topic: string;
  readonly by: string;
  readonly at: Date;
}

/** A message is no longer to be seen. */
export interface Deleted {
  readonly type: "deleted";
  readonly room: string;
  readonly id: string;
  readonly number: number;
  /** Whose message it was. */
  readonly from: string;
  readonly by: string;
  readonly at: Date;
}

/** Something about a room that only people read. */
export interface Noted {
  readonly type: "noted";
  readonly room: string;
  readonly text: string;
  readonly at: Date;
}

/** Something that one person alone is told, and only people read. */
export interface Told {
  readonly type: "told";
  readonly text: string;
  readonly at: Date;
}

/** The server has something to say to all. */
export interface Announced {
  readonly type: "announced";
  readonly text: string;
  readonly at: Date;
}

/** What one person is told because of what that person asked, or is; nobody else sees it. */
export type Answer =
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "roster"; readonly room: string; readonly names: readonly string[] }
  | { readonly type: "rooms"; readonly rooms: readonly RoomSummary[] }
  /** A room has been entered. */
  | {
    readonly type: "entered";
    readonly room: string;
    readonly topic: string;
    readonly names: readonly string[];
    readonly private: boolean;
    readonly quiet: boolean;
    /** Whether who has entered is of its staff. */
    readonly staff: boolean;
    readonly recent: readonly Message[];
  }
  /** A message is kept and told. People see that by themselves, unless there is something to note. */
  | { readonly type: "ack"; readonly id: string | undefined; readonly note?: string }
  | { readonly type: "pong" }
  /** What was said in a room, or between oneself and somebody; oldest first. */
  | {
    readonly type: "history";
    readonly room: string;
    readonly messages: readonly Message[];
    readonly more: boolean;
  }
  | {
    readonly type: "history";
    readonly with: string;
    readonly messages: readonly Direct[];
    readonly more: boolean;
  }
  /** What was said where one may read and has all the words, oldest first. */
  | { readonly type: "found"; readonly messages: readonly (Message | Direct)[]; readonly more: boolean }
  /** With whom one has written of late, and what was written last; the newest first. */
  | {
    readonly type: "conversations";
    readonly conversations: readonly { readonly with: string; readonly last: Direct }[];
  }
  /** Whom one does not want to hear. */
  | { readonly type: "ignored"; readonly names: readonly string[] }
  /** Private messages from while one was away; with the first of them, how many there are in all. */
  | { readonly type: "waiting"; readonly directs: readonly Direct[]; readonly all: number | undefined }
  /** A guest has become a member, in the same place. */
  | {
    readonly type: "signed up";
    readonly username: string;
    readonly name: string;
    readonly role: Role;
    readonly rooms: readonly string[];
  }
  /** What an authenticator app is to be given, in Base32 and as an address to be drawn as a QR code. */
  | { readonly type: "secret"; readonly secret: string; readonly uri: string }
  /** What was said in one's rooms while one was away. */
  | { readonly type: "missed"; readonly rooms: readonly Missed[] };

/** A room as it stands in a list. */
export interface RoomSummary {
  readonly name: string;
  readonly topic: string;
  /** How many are there. */
  readonly present: number;
  readonly private: boolean;
  readonly quiet: boolean;
}

/** How much was said in a room while somebody was away. */
export interface Missed {
  readonly room: string;
  readonly count: number;
  /** There were more than were counted. */
  readonly atLeast: boolean;
  /** The message before the first of them: what comes after it was missed; "" from the beginning. */
  readonly after: string;
  readonly since: Date;
}

/** A line, or several, that only people read. */
export function notice(...lines: string[]): Answer {
  return { type: "notice", text: lines.join("\n") };
}
