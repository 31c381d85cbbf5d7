import type { MentionGroup, Message } from "../wire/messages";
import type { Head } from "./state";

/** A name under which many are mentioned at once, in both languages: whoever writes it is understood by all. */
const names: { [G in MentionGroup]: { "zh-CN": string; en: string } } = {
  everyone: { "zh-CN": "所有人", en: "everyone" },
  managers: { "zh-CN": "管理员", en: "managers" },
  staff: { "zh-CN": "工作人员", en: "staff" },
  station: { "zh-CN": "工作站", en: "stations" },
  ambassador: { "zh-CN": "大使", en: "ambassadors" },
};

const all = Object.keys(names) as MentionGroup[];

/** What a group is called in a language. */
export function groupName(group: MentionGroup, language: "zh-CN" | "en"): string {
  return names[group][language];
}

/** All names of the groups. */
export const groupNames: readonly string[] = all.flatMap((g) => [names[g]["zh-CN"], names[g].en]);

/** The groups that somebody may mention: managers all, others the managers. */
export function groupsFor(manages: boolean): MentionGroup[] {
  return manages ? all : ["managers"];
}

/** The groups that a text mentions. */
export function groupsIn(text: string): MentionGroup[] {
  return all.filter(
    (g) => text.includes(`@${names[g]["zh-CN"]}`) || new RegExp(`@${names[g].en}(?![A-Za-z])`).test(text),
  );
}

/** Whether a message names a person, or a group that the person is in. */
export function mentions(
  message: Pick<Message, "mentions" | "mention_groups">,
  me: string,
  role: string | undefined,
  head: Pick<Head, "manages">,
): boolean {
  if (message.mentions.includes(me)) return true;
  const own = role === "admin" ? "staff" : role;
  return message.mention_groups.some(
    (g) => g === "everyone" || (g === "managers" ? head.manages : g === own),
  );
}
