import type { ServerBodies, ServerFrame } from "../wire/messages";

/** Messages of a live meeting. */
export type MeetingFrame = Extract<
  ServerFrame,
  {
    type:
      | "roster"
      | "wanted"
      | "seated"
      | "speaking"
      | "meeting"
      | "lobby"
      | "muted"
      | "unmute_asked"
      | "cheered"
      | "admitted"
      | "refused"
      | "removed";
  }
>;

/** Messages of the rooms and their timelines. */
export type RoomFrame = Extract<
  ServerFrame,
  {
    type:
      | "event"
      | "posted"
      | "history_page"
      | "events_page"
      | "rooms_events"
      | "marks"
      | "is_typing"
      | "room_live"
      | "rooms_changed"
      | "presence";
  }
>;

/** Messages of calls. */
export type CallFrame = Extract<ServerFrame, { type: "rung" | "call_changed" }>;

/** Who takes which messages. */
export interface Sinks {
  meeting: (frame: MeetingFrame) => void;
  rooms: (frame: RoomFrame) => void;
  /** Guests are not rung. */
  calls?: (frame: CallFrame) => void;
  changed: (body: ServerBodies["changed"]) => void;
}

/** Hands a message of the server to whom it concerns; no message is forgotten. */
export function dispatch(frame: ServerFrame, sinks: Sinks): void {
  switch (frame.type) {
    case "roster":
    case "wanted":
    case "seated":
    case "speaking":
    case "meeting":
    case "lobby":
    case "muted":
    case "unmute_asked":
    case "cheered":
    case "admitted":
    case "refused":
    case "removed":
      return sinks.meeting(frame);
    case "event":
    case "posted":
    case "history_page":
    case "events_page":
    case "rooms_events":
    case "marks":
    case "is_typing":
    case "room_live":
    case "rooms_changed":
    case "presence":
      return sinks.rooms(frame);
    case "rung":
    case "call_changed":
      return sinks.calls?.(frame);
    case "changed":
      return sinks.changed(frame.body);
    case "welcome":
    case "error":
    case "pong":
    case "done":
    case "joined":
    case "answer":
    case "knocked":
    case "measured":
    case "ringing":
      return; // answers: the link has given them to whoever asked
    default:
      frame satisfies never;
  }
}
