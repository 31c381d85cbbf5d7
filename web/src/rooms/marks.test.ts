import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { dispatch } from "../link/dispatch";
import { fakeNode } from "../link/testing/fakeNode";
import type { Message } from "../wire/messages";
import { createRooms } from "./store";

const head = (seq: number, mark: number) => ({
  room: "r",
  seq,
  read: 0,
  unread: seq,
  mentions: 0,
  mark,
  manages: false,
});
const mark = (id: string, seq: number) => ({ person: { id, kind: "account" as const, name: id }, seq });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

async function start() {
  const node = fakeNode();
  const rooms = createRooms(node.link, { role: "ambassador" });
  node.link.listen((frame) =>
    dispatch(frame, { meeting: () => undefined, rooms: rooms.take, changed: () => undefined }),
  );
  node.welcome({ rooms: [head(9, 4)] });
  await settle();
  const readers = () => rooms.store.getState().readers.r ?? {};
  const asked = () => node.sent.filter((f) => f.type === "get_marks").map((f) => f.body.after);
  return { node, rooms, readers, asked };
}

it("reads how far everybody has read when a room is opened, and goes on by announcements", async () => {
  const { node, rooms, readers, asked } = await start();
  void rooms.open("r");
  await settle();
  node.say("marks", { room: "r", marks: [mark("b", 5)], newest: 5 }); // before the answer
  await node.answer("get_marks", "marks", { room: "r", marks: [mark("a", 7), mark("b", 3)], newest: 4 });
  expect(asked()).toEqual([0]);
  expect(readers()).toEqual({ a: 7, b: 5 });
  node.say("marks", { room: "r", marks: [mark("a", 9), mark("me", 2)], newest: 7 });
  expect(readers()).toEqual({ a: 9, b: 5, me: 2 });
  expect(rooms.store.getState().heads.r).toMatchObject({ read: 2, mark: 7 });
  node.link.close();
});

it("asks after a loss for what it missed, and for nothing when it missed nothing", async () => {
  const { node, rooms, readers, asked } = await start();
  void rooms.open("r");
  await settle();
  await node.answer("get_marks", "marks", { room: "r", marks: [mark("a", 7)], newest: 4 });
  for (const [newest, want] of [
    [4, [0]],
    [6, [0, 4]],
  ] as const) {
    node.cut();
    vi.advanceTimersByTime(1000);
    node.welcome({ rooms: [head(9, newest)] });
    await settle();
    expect(asked()).toEqual(want);
  }
  await node.answer("get_marks", "marks", { room: "r", marks: [mark("a", 9)], newest: 6 });
  expect(readers()).toEqual({ a: 9 });
  node.link.close();
});

it("counts what mentions us: by name, everyone, our role, and the managers where we are one", async () => {
  const { node, rooms } = await start();
  let seq = 9;
  const hear = (more: Partial<Message>) => {
    seq += 1;
    const message: Message = {
      id: `m${seq}`,
      room: "r",
      seq,
      client_id: `c${seq}`,
      author: { id: "other", kind: "account", name: "Other" },
      text: "x",
      posted_at: "2026-11-23T08:00:00Z",
      deleted: false,
      mentions: [],
      reactions: [],
      mention_groups: [],
      attachments: [],
      ...more,
    };
    node.say("event", { event: { room: "r", seq, kind: "posted", message } });
    return rooms.store.getState().heads.r?.mentions;
  };
  expect(hear({})).toBe(0);
  expect(hear({ mentions: ["me"] })).toBe(1);
  expect(hear({ mention_groups: ["everyone"] })).toBe(2);
  expect(hear({ mention_groups: ["ambassador"], mentions: ["me"] })).toBe(3);
  expect(hear({ mention_groups: ["managers", "staff"] })).toBe(3);
  rooms.read("r");
  expect(rooms.store.getState().heads.r).toMatchObject({ unread: 0, mentions: 0 });
  node.link.close();
});
