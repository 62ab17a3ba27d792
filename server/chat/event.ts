/** What has happened in the chat: kept, told to other nodes, rendered; never changed. */
export type ChatEvent = Message | Direct | Joined | Left | Renamed | Announced;

/** Something said to everyone in a room. */
export interface Message {
  readonly type: "message";
  /** A ULID; the ids of a room rise in the order in which everybody sees its messages. */
  readonly id: string;
  readonly room: string;
  readonly from: string;
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
  readonly text: string;
  readonly at: Date;
}

export interface Joined {
  readonly type: "joined";
  readonly room: string;
  readonly name: string;
  readonly at: Date;
}

export interface Left {
  readonly type: "left";
  readonly room: string;
  readonly name: string;
  readonly reason: LeaveReason;
  readonly at: Date;
}

/** Why somebody is gone. The words are part of JSON mode and stay as they are. */
export type LeaveReason = "quit" | "timeout" | "kicked" | "too slow" | "shutdown";

/** An account has taken another name. */
export interface Renamed {
  readonly type: "renamed";
  readonly from: string;
  readonly to: string;
  readonly at: Date;
}

/** The server has something to say to all. */
export interface Announced {
  readonly type: "announced";
  readonly text: string;
  readonly at: Date;
}

/** What one person is told because of what that person asked; nobody else sees it. */
export type Answer =
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "roster"; readonly room: string; readonly names: readonly string[] };

/** A line, or several, that only people read. */
export function notice(...lines: string[]): Answer {
  return { type: "notice", text: lines.join("\n") };
}
