/** What happens between people and a server, as it is seen from outside. The oracle is told it in the order in which it happens. */
export type Happening =
  /** Somebody has an account, as the server has said. */
  | { type: "has account"; person: PersonId; name: string }
  | { type: "opens"; connection: ConnectionId; mode: Mode }
  /** The server lets somebody in under a name; JSON mode says where that one has joined. */
  | {
    type: "enters";
    connection: ConnectionId;
    person: PersonId;
    name: string;
    rooms?: readonly string[];
  }
  /** The connection may be ended by the server from now on, because of something that somebody has done. */
  | { type: "may end"; connection: ConnectionId }
  /** It has to be ended by the server, and within this time. */
  | { type: "must end"; connection: ConnectionId; because: string; byMs: number }
  /** @param clean All that the server had to say was read. */
  | { type: "ends"; connection: ConnectionId; clean: boolean }
  /** So late it is: whoever must have been sent away by then is. */
  | { type: "time passes"; nowMs: number }
  /** All of a server's connections end; what was under way may be done or not. */
  | { type: "server ends" }
  /** The server cannot keep anything, or could not until now: what it has shown it may show again. */
  | { type: "disk is full" }
  | { type: "asks for name"; person: PersonId; name: string }
  | { type: "asks to join"; person: PersonId; room: string }
  | { type: "is in"; person: PersonId; room: string }
  | { type: "is kept out"; person: PersonId; room: string }
  | { type: "asks to leave"; person: PersonId; room: string }
  /** Has left, or was sent out. */
  | { type: "is out"; person: PersonId; room: string }
  /** Was refused to leave, or to be sent out. */
  | { type: "stays"; person: PersonId; room: string }
  /** From now on a room is private, for good. */
  | { type: "is private"; room: string; owner: PersonId }
  | { type: "invites"; room: string; person: PersonId }
  | { type: "asks to ignore"; person: PersonId; name: string }
  | { type: "ignores"; person: PersonId; name: string }
  | { type: "asks to hear"; person: PersonId; name: string }
  | { type: "hears"; person: PersonId; name: string }
  | { type: "bans"; person: PersonId }
  | { type: "asks to unban"; person: PersonId }
  /** Sends something to be said; `connection` is undefined over HTTP. */
  | {
    type: "says";
    number: number;
    person: PersonId;
    connection: ConnectionId | undefined;
    to: { room: string } | { person: PersonId };
    /** As others must read it; undefined where the server may change it. */
    text: string | undefined;
    action: boolean;
  }
  /** The server says that it is kept. @param waits For somebody who is away. */
  | { type: "is kept"; number: number; id: string; waits: boolean }
  | { type: "is refused"; number: number; code: string }
  /** Something that was said comes over a connection. */
  | { type: "is told"; connection: ConnectionId; said: Said }
  /**
   * Something from before comes to whoever has asked for it.
   *
   * @param askedAt The oracle's moment when it was asked for.
   * @param all It is all that was said in this place after an id ("" for any), and nobody has spoken meanwhile.
   */
  | {
    type: "reads";
    person: PersonId;
    said: readonly Said[];
    askedAt: number;
    all?: { readonly place: Place; readonly after: string };
  }
  /** A line or text that is to be shown comes over a connection. */
  | { type: "is shown"; connection: ConnectionId; text: string }
  /** A connection in text mode is shown the latest messages of a room, from which it reads on. */
  | { type: "looks at"; connection: ConnectionId; room: string }
  /** The server has answered that there is nothing left that this connection has to be told. */
  | { type: "is up to date"; connection: ConnectionId }
  /** An account that the server has made comes in by its password, or not. */
  | { type: "tries to log in"; person: PersonId; code: string | undefined };

/** Who somebody is, whatever the name: of an account its username. */
export type PersonId = string;
export type ConnectionId = number;
export type Mode = "text" | "json";

/** Where something is said: in a room, or between two people. */
export type Place = { readonly room: string } | { readonly between: readonly [PersonId, PersonId] };

/** Something that was said, as somebody is told it. */
export interface Said {
  /** By which it is known, whoever tells it; undefined where it was not said by anybody of this run. */
  readonly number: number | undefined;
  /** Undefined in text mode, as is the time. */
  readonly id?: string;
  readonly from?: string;
  /** Of a private message. */
  readonly to?: string;
  /** The room, without `#`; undefined for a private message. */
  readonly room?: string;
  readonly text: string;
  readonly action: boolean;
}
