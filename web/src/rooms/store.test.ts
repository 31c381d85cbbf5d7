import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dispatch } from "../link/dispatch";
import { fakeNode } from "../link/testing/fakeNode";
import type { Event, Message } from "../wire/messages";
import { createRooms } from "./store";

const message = (seq: number, more: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  room: "r",
  seq,
  client_id: `c${seq}`,
  author: { id: "other", kind: "account", name: "Other" },
  text: `text ${seq}`,
  posted_at: "2026-11-23T08:00:00Z",
  deleted: false,
  mentions: [],
  reactions: [],
  mention_groups: [],
  attachments: [],
  ...more,
});
const posted = (m: Message): Event => ({ room: "r", seq: m.seq, kind: "posted", message: m });
const head = (seq: number, read = seq, unread = 0) => ({ room: "r", seq, read, unread });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function start() {
  const node = fakeNode();
  const rooms = createRooms(node.link);
  node.link.listen((frame) =>
    dispatch(frame, { meeting: () => undefined, rooms: rooms.take, changed: () => undefined }),
  );
  node.welcome({ rooms: [head(2)] });
  void rooms.open("r");
  await node.answer("history", "history_page", {
    room: "r",
    messages: [message(1), message(2)],
    head: 2,
    more: false,
    newer: false,
  });
  const timeline = () => rooms.store.getState().timelines.r ?? expect.fail("no timeline");
  const back = async (seq: number) => {
    vi.advanceTimersByTime(1000);
    node.welcome({ rooms: [head(seq)] });
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  return { node, rooms, timeline, back };
}

const mine = (node: { sent: { type: string; body: { [f: string]: unknown } }[] }) =>
  node.sent.filter((f) => f.type === "post").map((f) => String(f.body.client_id));

describe("rooms", () => {
  it("sends a message once more after a loss, with the same client id, and shows it once", async () => {
    const { node, rooms, timeline, back } = await start();
    rooms.post("r", "hello");
    for (let i = 0; i < 5; i++) await Promise.resolve();
    node.cut();
    expect(timeline().drafts).toMatchObject([{ text: "hello", state: "sending" }]);
    await back(3); // the node had it: only the answer was lost
    const [first, second] = mine(node);
    expect(second).toBe(first);
    const saved = message(3, { client_id: first ?? "", author: { id: "me", kind: "account", name: "Me" } });
    await node.answer("catch_up", "events_page", {
      room: "r",
      events: [posted(saved)],
      more: false,
    });
    await node.answer("post", "posted", { event: posted(saved) });
    expect(timeline().messages.map((m) => m.id)).toEqual(["m1", "m2", "m3"]);
    expect(timeline().drafts).toEqual([]);
    rooms.close();
    node.link.close();
  });

  it("catches up after a loss without loss or doubling", async () => {
    const { node, timeline, back } = await start();
    node.cut();
    await back(5);
    node.say("event", { event: posted(message(5)) });
    const events = [posted(message(3)), posted(message(4)), posted(message(5))];
    await node.answer("catch_up", "events_page", { room: "r", events, more: false });
    expect(timeline().messages.map((m) => m.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(timeline().known).toBe(5);
    node.link.close();
  });

  it("catches up with several rooms at once", async () => {
    const { node, rooms, timeline } = await start();
    const opened = rooms.open("s");
    await node.answer("history", "history_page", {
      room: "s",
      messages: [],
      head: 0,
      more: false,
      newer: false,
    });
    await opened;
    node.cut();
    vi.advanceTimersByTime(1000);
    node.welcome({ rooms: [head(3), { ...head(2), room: "s" }] });
    for (let i = 0; i < 10; i++) await Promise.resolve();
    const other = (seq: number) => ({ ...posted(message(seq)), room: "s" });
    await node.answer("catch_up_rooms", "rooms_events", {
      events: [posted(message(3)), other(1)],
      more: true,
    });
    await node.answer("catch_up_rooms", "rooms_events", { events: [other(2)], more: false });
    expect(timeline().known).toBe(3);
    expect(rooms.store.getState().timelines.s?.known).toBe(2);
    node.link.close();
  });

  it("keeps the order of messages written without a connection", async () => {
    const { node, rooms, timeline, back } = await start();
    node.cut();
    rooms.post("r", "one");
    rooms.post("r", "two");
    await back(2);
    expect(node.sent.filter((f) => f.type === "post").map((f) => f.body.text)).toEqual(["one"]);
    const one = message(3, { client_id: mine(node)[0] ?? "" });
    await node.answer("post", "posted", { event: posted(one) });
    expect(node.sent.filter((f) => f.type === "post").map((f) => f.body.text)).toEqual(["one", "two"]);
    expect(timeline().drafts.map((d) => d.text)).toEqual(["two"]);
    node.link.close();
  });

  it("shows what the node refuses as not sent, to be tried again", async () => {
    const { node, rooms, timeline } = await start();
    rooms.post("r", "hello");
    for (let i = 0; i < 5; i++) await Promise.resolve();
    await node.answer("post", "error", { code: "forbidden", message: "no" });
    expect(timeline().drafts).toMatchObject([{ state: "failed" }]);
    const id = timeline().drafts[0]?.client_id ?? "";
    rooms.retry("r", id);
    for (let i = 0; i < 5; i++) await Promise.resolve();
    expect(mine(node)).toEqual([id, id]);
    rooms.discard("r", id);
    expect(timeline().drafts).toEqual([]);
    node.link.close();
  });

  it("counts what is new and marks it read", async () => {
    const { node, rooms } = await start();
    node.say("event", { event: posted(message(3)) });
    node.say("event", { event: posted(message(4, { author: { id: "me", kind: "account", name: "Me" } })) });
    expect(rooms.store.getState().heads.r).toMatchObject({ seq: 4, unread: 1 });
    rooms.read("r");
    expect(rooms.store.getState().heads.r).toMatchObject({ read: 4, unread: 0 });
    expect(node.sent.at(-1)).toMatchObject({ type: "read", body: { room: "r", seq: 4 } });
    node.link.close();
  });

  it("forgets who was writing when the message is there, or when nothing comes", async () => {
    const { node, rooms } = await start();
    const person = { id: "other", kind: "account" as const, name: "Other" };
    const writing = () => rooms.store.getState().typing.r?.length;
    node.say("is_typing", { room: "r", person });
    expect(writing()).toBe(1);
    node.say("event", { event: posted(message(3)) });
    expect(writing()).toBe(0);
    node.say("is_typing", { room: "r", person });
    vi.advanceTimersByTime(7000);
    expect(writing()).toBe(0);
    node.link.close();
  });

  it("opens a room that was looked at before the link was open", async () => {
    const node = fakeNode();
    const rooms = createRooms(node.link);
    await rooms.open("r");
    expect(node.sent).toEqual([]);
    node.welcome({ rooms: [head(2)] });
    for (let i = 0; i < 5; i++) await Promise.resolve();
    expect(node.sent.at(-1)).toMatchObject({ type: "history", body: { room: "r", before: 0 } });
    node.link.close();
  });
});
