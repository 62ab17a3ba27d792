/**
 * The shapes of JSON mode: one object a line over a raw socket, one a message over WebSocket. This file imports nothing,
 * so that a TypeScript client can take it as it stands.
 *
 * Unknown fields are ignored on both sides; a client should let types pass that it does not know.
 */

/** Something a program may choose to find its answer by: it comes back with the answer. */
export type Ref = string | number;

/** What a client may send. Every type takes a `ref`. */
export type ClientMessage =
  /** Logs in with an access token, or a ticket. */
  | { type: "auth"; token: string; ref?: Ref }
  | { type: "auth"; ticket: string; ref?: Ref }
  /** Logs in by a browser, of that account alone where one is named. Answered by `link`, and later `welcome`. */
  | { type: "link"; username?: string; ref?: Ref }
  /** Logs in with a password. */
  | { type: "login"; username: string; password: string; code?: string; ref?: Ref }
  /** Makes an account of the guest that one is, who stays where they are. Answered by another `welcome`. */
  | { type: "signup"; username: string; password: string; name?: string; invitation?: string; ref?: Ref }
  /** Comes in without an account; the server adds four digits to the name. */
  | { type: "guest"; name: string; ref?: Ref }
  /** Says something in a room that one has joined. Answered by `ack`. */
  | { type: "say"; room: string; text: string; action?: boolean; ref?: Ref }
  /** Writes to one person. Answered by `ack`. */
  | { type: "direct"; to: string; text: string; ref?: Ref }
  /** Enters a room. Answered by `roster`. */
  | { type: "join"; room: string; ref?: Ref }
  /** Leaves a room. Answered by `ack`. */
  | { type: "leave"; room: string; ref?: Ref }
  /** Who is in a room, the lobby where none is named. Answered by `roster`. */
  | { type: "who"; room?: string; ref?: Ref }
  /** The rooms that one may enter. Answered by `rooms`. */
  | { type: "rooms"; ref?: Ref }
  /**
   * What was said in a room, or between oneself and somebody: the newest, or those before or after a message.
   * Answered by `history`.
   */
  | { type: "history"; room: string; before?: string; after?: string; limit?: number; ref?: Ref }
  | { type: "history"; with: string; before?: string; after?: string; limit?: number; ref?: Ref }
  /** With whom one has written of late. Answered by `conversations`. */
  | { type: "conversations"; ref?: Ref }
  /** Whom one does not want to hear. Answered by `ignored`. */
  | { type: "ignored"; ref?: Ref }
  /** Finds what was said, by its words, where one may read. Answered by `found`. */
  | { type: "search"; words: string; limit?: number; ref?: Ref }
  /** Deletes a message, where one may. Answered by `ack`. */
  | { type: "delete"; room: string; id: string; ref?: Ref }
  /** Does what the same line does in text mode, for example `/topic Hello`; answered by `notice`. */
  | { type: "command"; text: string; room?: string; ref?: Ref }
  | { type: "ping"; ref?: Ref }
  /** Answers the server's `ping`; any other message does as well. */
  | { type: "pong" };

/** What a client is sent. Times are ISO 8601, UTC; ids are ULIDs, which rise with time. */
export type ServerMessage =
  | {
    type: "welcome";
    server: string;
    version: string;
    name: string;
    role: Role;
    rooms: string[];
    ref?: Ref;
  }
  /** Where a signed-in browser confirms the log-in, and by what code. */
  | { type: "link"; url: string; code: string; expires_at: string; ref?: Ref }
  | RoomMessage
  | DirectMessage
  | { type: "joined"; room: string; name: string; at: string }
  | { type: "left"; room: string; name: string; reason: LeaveReason; at: string }
  | { type: "renamed"; from: string; to: string; at: string }
  | { type: "topic"; room: string; topic: string; by: string; at: string }
  | { type: "deleted"; room: string; id: string; by: string; at: string }
  /** Who is in a room. What follows the names is there when one has just entered; `staff` says whether one is of it. */
  | {
    type: "roster";
    room: string;
    names: string[];
    topic?: string;
    private?: boolean;
    quiet?: boolean;
    staff?: boolean;
    ref?: Ref;
  }
  | { type: "rooms"; rooms: RoomInfo[]; ref?: Ref }
  /** Oldest first; `more` says whether there is more in the direction asked. */
  | { type: "history"; room: string; messages: RoomMessage[]; more: boolean; ref?: Ref }
  | { type: "history"; with: string; messages: DirectMessage[]; more: boolean; ref?: Ref }
  /** At most 100, newest first. */
  | { type: "conversations"; conversations: { with: string; last: DirectMessage }[]; ref?: Ref }
  | { type: "ignored"; names: string[]; ref?: Ref }
  | { type: "found"; messages: (RoomMessage | DirectMessage)[]; more: boolean; ref?: Ref }
  /** Sent after `welcome` for each room where something was said while one was away. */
  | { type: "missed"; room: string; count: number; at_least: boolean; after: string; since: string }
  /** The message is in the database: it survives whatever happens to the server. */
  | { type: "ack"; id?: string; note?: string; ref?: Ref }
  | { type: "pong"; ref?: Ref }
  /** Asks whether the client is still there: whatever it sends answers. */
  | { type: "ping" }
  /** For people to read; with `room`, about that room. */
  | { type: "notice"; text: string; room?: string; ref?: Ref }
  /** Something was not done. Programs go by `code`, people by `text`. */
  | { type: "error"; code: string; text: string; retry_after_seconds?: number; ref?: Ref };

export type Role = "guest" | "member" | "moderator" | "admin";

export type LeaveReason = "quit" | "timeout" | "kicked" | "too slow" | "shutdown";

export interface RoomMessage {
  type: "message";
  id: string;
  room: string;
  from: string;
  text: string;
  /** Said with `/me`. */
  action: boolean;
  at: string;
}

export interface DirectMessage {
  type: "direct";
  id: string;
  from: string;
  to: string;
  text: string;
  at: string;
}

export interface RoomInfo {
  name: string;
  topic: string;
  /** How many are there. */
  present: number;
  private: boolean;
  quiet: boolean;
}
