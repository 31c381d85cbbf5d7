import { describe, expect, it } from "vitest";
import type { Event, Message } from "../wire/messages";
import { type Draft, fromPage, withDraft, withEvent, withEvents, withOlder } from "./timeline";

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
const draft = (client_id: string): Draft => ({
  client_id,
  text: "x",
  mentions: [],
  at: "",
  state: "sending",
});
const ids = (t: { messages: readonly Message[] }) => t.messages.map((m) => m.id);

describe("timeline", () => {
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

  it("takes a draft away when its message is there, by event or by page", () => {
    const t = withDraft(withDraft(fromPage(page(1, 3)), draft("c4")), draft("c9"));
    expect(withEvent(t, posted(4)).timeline.drafts.map((d) => d.client_id)).toEqual(["c9"]);
    expect(fromPage(page(2, 9), t.drafts).drafts).toEqual([]);
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
});
