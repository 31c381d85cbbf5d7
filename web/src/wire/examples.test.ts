import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dispatch } from "../link/dispatch";
import { parse } from "../link/link";
import { apply, fromSnapshot } from "../meeting/state";
import type { ClientBodies, ServerBodies, ServerFrame } from "./messages";

const folder = new URL("../../../signaling/wire/testdata/", import.meta.url);
const files = readdirSync(folder);
const read = (file: string) => readFileSync(new URL(file, folder), "utf8");

// The compiler sees to it that these lists are whole.
const server: { [T in keyof ServerBodies]: "answer" | "meeting" | "rooms" | "calls" | "changed" } = {
  welcome: "answer",
  error: "answer",
  pong: "answer",
  done: "answer",
  joined: "answer",
  answer: "answer",
  knocked: "answer",
  admitted: "meeting",
  refused: "meeting",
  removed: "meeting",
  roster: "meeting",
  wanted: "meeting",
  measured: "answer",
  seated: "meeting",
  speaking: "meeting",
  meeting: "meeting",
  lobby: "meeting",
  muted: "meeting",
  unmute_asked: "meeting",
  cheered: "meeting",
  room_live: "rooms",
  rooms_changed: "rooms",
  posted: "rooms",
  history_page: "rooms",
  events_page: "rooms",
  rooms_events: "rooms",
  event: "rooms",
  marks: "rooms",
  is_typing: "rooms",
  presence: "rooms",
  ringing: "answer",
  rung: "calls",
  call_changed: "calls",
  changed: "changed",
};

const client: { [T in keyof ClientBodies]: (keyof ClientBodies[T])[] } = {
  hello: ["version", "as"],
  ping: [],
  knock: ["room"],
  join: ["room", "offer", "live"],
  offer: ["offer"],
  leave: [],
  view: ["tiles"],
  source: ["source", "live"],
  hand: ["raised"],
  cheer: ["emoji"],
  quality: ["quality"],
  measure: ["participant"],
  admit: ["people", "all"],
  refuse: ["person"],
  mute: ["everyone", "source"],
  ask_unmute: ["participant", "source"],
  remove: ["participant", "block"],
  lock: ["locked"],
  appoint: ["participant", "role"],
  record: ["on"],
  end: [],
  post: ["room", "client_id", "text", "mentions"],
  ring: ["room", "people"],
  answer_call: ["call", "accept"],
  cancel_call: ["call"],
  edit: ["room", "message", "text"],
  delete: ["room", "message"],
  react: ["room", "message", "emoji", "on"],
  pin: ["room", "message", "on"],
  confirm: ["room", "message"],
  read: ["room", "seq"],
  get_marks: ["room", "after"],
  typing: ["room"],
  history: ["room", "before", "limit"],
  catch_up: ["room", "after", "limit"],
  catch_up_rooms: ["rooms", "limit"],
};

const example = (type: keyof ServerBodies): ServerFrame => {
  const frame = parse(read(`server-${type}.json`));
  return frame ?? expect.fail(`server-${type}.json is no frame`);
};

describe("examples of the protocol", () => {
  it("are one for each message of both sides, and no others", () => {
    const expected = [
      ...Object.keys(server).map((type) => `server-${type}.json`),
      ...Object.keys(client).map((type) => `client-${type}.json`),
    ];
    expect(files.filter((f) => f.endsWith(".json")).sort()).toEqual(expected.sort());
  });

  it.each(Object.entries(server))("the server's %s reaches %s", (type, sink) => {
    const reached: string[] = [];
    dispatch(example(type as keyof ServerBodies), {
      meeting: () => reached.push("meeting"),
      rooms: () => reached.push("rooms"),
      calls: () => reached.push("calls"),
      changed: () => reached.push("changed"),
    });
    expect(reached).toEqual(sink === "answer" ? [] : [sink]);
  });

  it.each(Object.entries(client))("the client's %s has what we send", (type, fields) => {
    const frame = JSON.parse(read(`client-${type}.json`));
    expect(frame.type).toBe(type);
    expect(Object.keys(frame.body)).toEqual(expect.arrayContaining(fields));
  });

  it("of a meeting can all be applied to a snapshot", () => {
    const joined = example("joined");
    if (joined.type !== "joined") return expect.fail("not a joined message");
    let live = fromSnapshot(joined.body.snapshot);
    const sinks = { rooms: () => undefined, changed: () => undefined };
    for (const type of Object.keys(server) as (keyof ServerBodies)[]) {
      dispatch(example(type), {
        ...sinks,
        meeting: (frame) => {
          live = apply(live, frame);
        },
      });
    }
    expect(live.meeting.title).not.toBe("");
    expect(live.waiting.length).toBeGreaterThan(0);
  });
});
