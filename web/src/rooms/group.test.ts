import { expect, it } from "vitest";
import type { Message } from "../wire/messages";
import { rowsOf } from "./group";

const message = (seq: number, author: string, at: string): Message => ({
  id: `m${seq}`,
  room: "r",
  seq,
  client_id: `c${seq}`,
  author: { id: author, kind: "account", name: author },
  text: "",
  posted_at: at,
  deleted: false,
  mentions: [],
  reactions: [],
  mention_groups: [],
  attachments: [],
});

it("separates days by the reader's own clock and groups one author's messages", () => {
  const messages = [
    message(1, "a", "2026-11-23T15:58:00Z"),
    message(2, "a", "2026-11-23T15:59:00Z"),
    message(3, "a", "2026-11-23T16:01:00Z"),
  ];
  const shape = (zone: string) =>
    rowsOf(messages, [], zone, undefined).map((r) =>
      r.kind === "message" ? `${r.key}${r.continued ? "+" : ""}` : r.kind,
    );
  expect(shape("UTC")).toEqual(["day", "c1", "c2+", "c3+"]);
  expect(shape("Asia/Shanghai")).toEqual(["day", "c1", "c2+", "day", "c3"]);
});

it("divides before the first unread message of somebody else", () => {
  const messages = [1, 2, 3, 4].map((n) => message(n, n === 2 ? "me" : "a", "2026-11-23T08:00:00Z"));
  const rows = rowsOf(messages, [], "UTC", { after: 1, me: "me" });
  expect(rows.map((r) => r.key)).toEqual(["day-m1", "c1", "c2", "new", "c3", "c4"]);
  const partly = rowsOf(messages, [], "UTC", { after: 0, me: "me", more: true });
  expect(partly.some((r) => r.kind === "new")).toBe(false);
});

it("shows drafts at the end, continuing our own messages", () => {
  const draft = {
    client_id: "d",
    text: "",
    mentions: [],
    at: "2026-11-23T08:01:00Z",
    state: "sending" as const,
  };
  const rows = rowsOf([message(1, "me", "2026-11-23T08:00:00Z")], [draft], "UTC", { after: 1, me: "me" });
  expect(rows.at(-1)).toMatchObject({ kind: "draft", continued: true });
});
