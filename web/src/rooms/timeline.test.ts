import { describe, expect, it } from "vitest";
import type { Event, Message } from "../wire/messages";
import { fromPage, holds, withEvent, withEvents, withFocus, withNewer, withOlder } from "./timeline";

const message = (seq: number, more: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  room: "r",
  seq,
  client_id: `c${seq}`,
  author: { id: "a", kind: "account", name: "A" },
  text: `text ${seq}`,
  posted_at: "2026-11-23T08:00:00Z",
  deleted: false,
  mentions: [],
  reactions: [],
  mention_groups: [],
  attachments: [],
  ...more,
});
const posted = (seq: number): Event => ({ room: "r", seq, kind: "posted", message: message(seq) });
const page = (from: number, to: number, head = to, more = true) => ({
  room: "r",
  messages: Array.from({ length: to - from + 1 }, (_, i) => message(from + i)),
  head,
  more,
  newer: false,
});
const ids = (t: { messages: readonly Message[] }) => t.messages.map((m) => m.id);

describe("timeline", () => {
  it("leaves a change to what was before out of an empty window", () => {
    const empty = fromPage({ room: "r", messages: [], head: 5, more: false, newer: false });
    const before = withEvent(empty, {
      room: "r",
      seq: 6,
      kind: "reacted",
      message: message(2, { deleted: true }),
    });
    expect(ids(before.timeline)).toEqual([]);
    expect(before.timeline.known).toBe(6);
    expect(ids(withEvent(before.timeline, posted(7)).timeline)).toEqual(["m7"]);
  });

  it("quotes a message in its replies as it is now", () => {
    const reply = message(2, { reply_to: { id: "m1", author: message(1).author, text: "text 1" } });
    let t = fromPage({ ...page(1, 1, 2), messages: [message(1), reply] });
    t = withEvent(t, {
      room: "r",
      seq: 3,
      kind: "edited",
      message: message(1, { text: "好".repeat(200) }),
    }).timeline;
    expect(t.messages[1]?.reply_to?.text).toBe("好".repeat(120));
    t = withEvent(t, {
      room: "r",
      seq: 4,
      kind: "deleted",
      message: message(1, { text: "", deleted: true }),
    }).timeline;
    expect(t.messages[1]?.reply_to?.text).toBe("");
  });

  it("quotes the name of the first file where there is no text, and nothing of what was taken back", () => {
    const reply = message(2, { reply_to: { id: "m1", author: message(1).author, text: "text 1" } });
    const file = {
      id: "f",
      name: "合影.jpg",
      type: "image/jpeg",
      size: 5,
      width: 0,
      height: 0,
      duration_ms: 0,
      voice: false,
      preview: false,
    };
    let t = fromPage({ ...page(1, 1, 2), messages: [message(1), reply] });
    const changed = (seq: number, kind: Event["kind"], more: Partial<Message>): Event => ({
      room: "r",
      seq,
      kind,
      message: message(1, { text: "", ...more }),
    });
    t = withEvent(t, changed(3, "reacted", { attachments: [file, { ...file, name: "b" }] })).timeline;
    expect(t.messages[1]?.reply_to?.text).toBe("[合影.jpg]");
    t = withEvent(t, changed(4, "reacted", { attachments: [{ ...file, name: "长".repeat(200) }] })).timeline;
    expect(t.messages[1]?.reply_to?.text).toBe(`[${"长".repeat(119)}`);
    t = withEvent(t, changed(5, "deleted", { deleted: true })).timeline;
    expect(t.messages[1]?.reply_to?.text).toBe("");
  });

  it("applies an event twice without doubling", () => {
    let t = fromPage(page(1, 3));
    t = withEvent(t, posted(4)).timeline;
    t = withEvent(t, posted(4)).timeline;
    expect(ids(t)).toEqual(["m1", "m2", "m3", "m4"]);
    expect(t.known).toBe(4);
  });

  it("sees a gap, and is whole after the missing events, in whatever order they come", () => {
    const t = fromPage(page(1, 3));
    const late = withEvent(t, posted(6));
    expect(late.gap).toBe(true);
    expect(late.timeline.known).toBe(3);
    const whole = withEvents(late.timeline, {
      room: "r",
      events: [posted(4), posted(5), posted(6)],
      more: false,
    });
    expect(ids(whole)).toEqual(["m1", "m2", "m3", "m4", "m5", "m6"]);
    expect(whole.known).toBe(6);
  });

  it("never undoes a newer state of a message", () => {
    let t = fromPage(page(1, 3));
    const edited: Event = { room: "r", seq: 5, kind: "edited", message: message(2, { text: "new" }) };
    const reacted: Event = { room: "r", seq: 4, kind: "reacted", message: message(2) };
    t = withEvent(t, edited).timeline;
    t = withEvents(t, { room: "r", events: [reacted, edited], more: false });
    expect(t.messages[1]?.text).toBe("new");
    expect(t.known).toBe(5);
  });

  it("puts older pages in front without overlap, and leaves out changes to what is not held", () => {
    let t = withOlder(fromPage(page(4, 6)), page(2, 4, 6, false));
    expect(ids(t)).toEqual(["m2", "m3", "m4", "m5", "m6"]);
    expect(t.more).toBe(false);
    const old: Event = { room: "r", seq: 7, kind: "edited", message: message(1, { text: "new" }) };
    t = withEvent(t, old).timeline;
    expect(ids(t)[0]).toBe("m2");
    expect(t.known).toBe(7);
  });

  it("passes over what is posted beyond a window that is not at the end", () => {
    let t = fromPage({ ...page(10, 12, 20), newer: true });
    t = withEvent(t, posted(21)).timeline;
    expect(ids(t)).toEqual(["m10", "m11", "m12"]);
    expect(t.known).toBe(21);
    expect([holds(t, 11), holds(t, 12), holds(t, 13), holds(t, 9)]).toEqual([true, true, false, false]);
    t = withNewer(t, { ...page(13, 20, 20), newer: false });
    expect(ids(t).at(-1)).toBe("m20");
    expect(t.newer).toBe(true); // the page was read before 21 was posted
    t = withNewer(t, { ...page(21, 21, 21), newer: false });
    expect(ids(t).at(-1)).toBe("m21");
    expect(t.newer).toBe(false);
    expect(ids(withEvent(t, posted(22)).timeline).at(-1)).toBe("m22");
  });

  it("gives another window another number, and each wish another turn", () => {
    const t = fromPage(page(1, 3));
    expect(fromPage(page(5, 6), t).window).toBe(t.window + 1);
    const wished = withFocus(withFocus(t, 2, true), 2, true);
    expect(wished.focus).toEqual({ seq: 2, mark: true, turn: 2 });
  });
});
