import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { FoundKind } from "../api/types";
import type { When } from "./filter";
import type { PagePath } from "./rows";

/** What the kinds of finds are called. */
export const kindNames: { readonly [K in FoundKind]: MessageDescriptor } = {
  people: msg`People and stations`,
  rooms: msg`Chats`,
  contacts: msg`Contacts`,
  meetings: msg`Meetings`,
  minutes: msg`Minutes`,
  messages: msg`Messages`,
  files: msg`Files`,
};

/** How far back is looked. */
export const whenNames: { readonly [W in When]: MessageDescriptor } = {
  day: msg`Last 24 hours`,
  week: msg`Last 7 days`,
  month: msg`Last 30 days`,
  year: msg`Last year`,
};

/** The pages that the palette goes to, with further words by which they are found. */
export const pageNames: readonly {
  path: PagePath;
  title: MessageDescriptor;
  words: readonly string[];
  /** Who has it: everybody, those with contacts, administrators. */
  for: "all" | "contacts" | "admin";
}[] = [
  { path: "/", title: msg`Home`, words: ["首页", "home", "shouye", "sy"], for: "all" },
  {
    path: "/rooms",
    title: msg`Chats`,
    words: ["聊天", "消息", "chats", "messages", "liaotian", "lt"],
    for: "all",
  },
  { path: "/meetings", title: msg`Meetings`, words: ["会议", "meetings", "huiyi", "hy"], for: "all" },
  {
    path: "/meetings/new",
    title: msg`Arrange a meeting`,
    words: ["安排会议", "预约", "arrange", "new meeting", "anpaihuiyi", "aphy"],
    for: "contacts",
  },
  {
    path: "/contacts",
    title: msg`Contacts`,
    words: ["通讯录", "contacts", "tongxunlu", "txl"],
    for: "contacts",
  },
  { path: "/accounts", title: msg`Accounts`, words: ["账号", "accounts", "zhanghao", "zh"], for: "admin" },
  { path: "/settings", title: msg`Settings`, words: ["设置", "settings", "shezhi", "sz"], for: "all" },
  { path: "/search", title: msg`Search with filters`, words: ["搜索", "search", "sousuo", "ss"], for: "all" },
];
