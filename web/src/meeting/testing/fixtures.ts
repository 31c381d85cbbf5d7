import type { Participant, Snapshot } from "../../wire/messages";

/** A participant as a test needs one. */
export function aPerson(id: string, more: Partial<Participant> = {}): Participant {
  return {
    id,
    kind: "account",
    name: id,
    role: "participant",
    stands_in: false,
    connection: "connected",
    quality: "good",
    sources: [],
    joined_at: "",
    ...more,
  };
}

/** The meeting "m" in the room "r", as the node describes it to the participant "me". */
export function aSnapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    meeting: {
      id: "m",
      room: "r",
      title: "",
      started_at: "",
      locked: false,
      recording: { on: false, started_by: "" },
    },
    me: "me",
    participants: [],
    waiting: [],
    seats: [],
    speaking: [],
    wanted: [],
    ...more,
  };
}
