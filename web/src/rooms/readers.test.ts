import { expect, it } from "vitest";
import type { RoomDetail } from "../api/types";
import type { Message } from "../wire/messages";
import { readersOf } from "./readers";

const member = (id: string, joined: number): RoomDetail["members"][number] => ({
  person: { id, kind: "account", name: id },
  role: "member",
  account_role: "ambassador",
  read: 9,
  joined,
});
const message = (by?: string[]): Message => ({
  id: "m",
  room: "r",
  seq: 5,
  client_id: "c",
  author: { id: "author", kind: "account", name: "author" },
  text: "x",
  posted_at: "2026-11-23T08:00:00Z",
  deleted: false,
  mentions: [],
  reactions: [],
  mention_groups: [],
  attachments: [],
  ...(by && { confirmation: { urgent: false, by } }),
});
const members = [member("author", 0), member("early", 4), member("late", 5), member("later", 7)];

it("counts those who were there, and who confirmed all the same", () => {
  const ids = (m: Message) => readersOf(m, members).map((r) => r.person.id);
  expect(ids(message())).toEqual(["early"]);
  expect(ids(message(["later"]))).toEqual(["early", "later"]);
});
