// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dispatch } from "../link/dispatch";
import { fakeNode } from "../link/testing/fakeNode";
import type { Event, Message } from "../wire/messages";
import { browserDrawer, type Drawer, emptyDrawers } from "./drawer";
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
const head = (seq: number, read = seq, unread = 0) => ({
  room: "r",
  seq,
  read,
  unread,
  mentions: 0,
  mark: 0,
  manages: false,
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function start(drawer?: Drawer) {
  const node = fakeNode();
  const rooms = createRooms(node.link, drawer ? { drawer } : {});
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
  const drafts = () => rooms.store.getState().drafts.r ?? [];
  const back = async (seq: number) => {
    vi.advanceTimersByTime(1000);
    node.welcome({ rooms: [head(seq)] });
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  return { node, rooms, timeline, drafts, back };
}

const ofMine = (client_id = ""): Partial<Message> => ({
  client_id,
  author: { id: "me", kind: "account", name: "Me" },
});
const mine = (node: { sent: { type: string; body: { [f: string]: unknown } }[] }) =>
  node.sent.filter((f) => f.type === "post").map((f) => String(f.body.client_id));

describe("rooms", () => {
  it("sends a message once more after a loss, with the same client id, and shows it once", async () => {
    const { node, rooms, timeline, drafts, back } = await start();
    rooms.post("r", "hello");
    for (let i = 0; i < 5; i++) await Promise.resolve();
    node.cut();
    expect(drafts()).toMatchObject([{ text: "hello", state: "sending" }]);
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
    expect(drafts()).toEqual([]);
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
    const { node, rooms, drafts, back } = await start();
    node.cut();
    rooms.post("r", "one");
    rooms.post("r", "two");
    await back(2);
    expect(node.sent.filter((f) => f.type === "post").map((f) => f.body.text)).toEqual(["one"]);
    const one = message(3, ofMine(mine(node)[0]));
    await node.answer("post", "posted", { event: posted(one) });
    expect(node.sent.filter((f) => f.type === "post").map((f) => f.body.text)).toEqual(["one", "two"]);
    expect(drafts().map((d) => d.text)).toEqual(["two"]);
    node.link.close();
  });

  it("shows what the node refuses as not sent, to be tried again", async () => {
    const { node, rooms, drafts } = await start();
    rooms.post("r", "hello");
    for (let i = 0; i < 5; i++) await Promise.resolve();
    await node.answer("post", "error", { code: "forbidden", message: "no" });
    expect(drafts()).toMatchObject([{ state: "failed" }]);
    const id = drafts()[0]?.client_id ?? "";
    rooms.retry("r", id);
    for (let i = 0; i < 5; i++) await Promise.resolve();
    expect(mine(node)).toEqual([id, id]);
    rooms.discard("r", id);
    expect(drafts()).toEqual([]);
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

  it("has read the room in which one writes, and not one into which one forwards", async () => {
    const { node, rooms } = await start();
    const read = () => node.sent.filter((f) => f.type === "read").map((f) => f.body.seq);
    node.say("event", { event: posted(message(3)) });
    const { author } = message(3);
    const shown = { author, posted_at: "2026-11-23T08:00:00Z" };
    rooms.post("r", "hello", { forward: { room: "x", message: "m", shown } });
    for (let i = 0; i < 5; i++) await Promise.resolve();
    await node.answer("post", "posted", { event: posted(message(4, ofMine())) });
    expect(read()).toEqual([]);
    rooms.post("r", "hello");
    for (let i = 0; i < 5; i++) await Promise.resolve();
    node.say("event", { event: posted(message(6)) });
    await node.answer("post", "posted", { event: posted(message(5, ofMine())) });
    expect(read()).toEqual([5]);
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
    expect(node.sent).toContainEqual(
      expect.objectContaining({ type: "history", body: expect.objectContaining({ room: "r", before: 0 }) }),
    );
    node.link.close();
  });

  it("tries again what the node cannot do now", async () => {
    const { node, rooms, drafts } = await start();
    rooms.post("r", "hello");
    for (let i = 0; i < 5; i++) await Promise.resolve();
    await node.answer("post", "error", { code: "unavailable", message: "the database is away" });
    expect(drafts()).toMatchObject([{ state: "sending" }]);
    await vi.advanceTimersByTimeAsync(1000);
    const [first, second] = mine(node);
    expect(second).toBe(first);
    await node.answer("post", "posted", { event: posted(message(3, ofMine(first))) });
    expect(drafts()).toEqual([]);
    node.link.close();
  });

  it("sends what an earlier page had not sent, in its order and under the same ids", async () => {
    const drawer = browserDrawer(localStorage, "me");
    const earlier = await start(drawer);
    earlier.node.cut();
    earlier.rooms.post("r", "one", { topic: "春季招聘" });
    vi.advanceTimersByTime(5);
    earlier.rooms.post("r", "two");
    const ids = earlier.drafts().map((d) => d.client_id);
    earlier.rooms.close();
    earlier.node.link.close();

    const { node, rooms, drafts } = await start(browserDrawer(localStorage, "me"));
    expect(drafts().map((d) => d.text)).toEqual(["one", "two"]);
    expect(node.sent.at(-1)).toMatchObject({ type: "post", body: { text: "one", topic: "春季招聘" } });
    await node.answer("post", "posted", { event: posted(message(3, ofMine(ids[0]))) });
    await node.answer("post", "posted", { event: posted(message(4, ofMine(ids[1]))) });
    expect(mine(node)).toEqual(ids);
    expect(drafts()).toEqual([]);
    expect(drawer.kept()).toEqual([]);
    rooms.close();
    node.link.close();
  });

  it("keeps nothing of whoever signed out, and stumbles over nothing that lies there", () => {
    localStorage.setItem("outbox:me:x", "{");
    const drawer = browserDrawer(localStorage, "me");
    drawer.keep("r", { client_id: "a", text: "hello", at: "2026-11-25T08:00:00Z", state: "sending" });
    expect(drawer.kept()).toHaveLength(1);
    expect(browserDrawer(localStorage, "other").kept()).toEqual([]);
    emptyDrawers(localStorage);
    expect(drawer.kept()).toEqual([]);
  });

  it("opens a long unread room where reading stopped, and reads on to its end", async () => {
    const node = fakeNode();
    const rooms = createRooms(node.link);
    node.welcome({ rooms: [head(500, 100, 390)] });
    void rooms.open("r");
    expect(node.sent.at(-1)).toMatchObject({ type: "history", body: { around: 100 } });
    const part = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
    const page = { room: "r", head: 500, more: true };
    await node.answer("history", "history_page", { ...page, messages: part(76, 125), newer: true });
    const timeline = () => rooms.store.getState().timelines.r ?? expect.fail("no timeline");
    expect(timeline().focus).toMatchObject({ seq: 100, mark: false });
    rooms.read("r", 120);
    expect(rooms.store.getState().heads.r).toMatchObject({ read: 120, unread: 370 });
    expect(node.sent.at(-1)).toMatchObject({ type: "read", body: { seq: 120 } });
    void rooms.newer("r");
    expect(node.sent.at(-1)).toMatchObject({ type: "history", body: { after: 125 } });
    await node.answer("history", "history_page", { ...page, messages: part(126, 175), newer: true });
    expect(timeline().messages).toHaveLength(100);
    rooms.post("r", "hello"); // one sees what one writes
    expect(node.sent.at(-1)).toMatchObject({ type: "history", body: { before: 0 } });
    await node.answer("history", "history_page", { ...page, messages: part(451, 500), newer: false });
    expect(timeline().messages[0]?.seq).toBe(451);
    void rooms.jump("r", 460);
    expect(timeline().focus).toMatchObject({ seq: 460, mark: true });
    void rooms.jump("r", 20);
    expect(node.sent.at(-1)).toMatchObject({ type: "history", body: { around: 20 } });
    rooms.close();
    node.link.close();
  });
});
