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

/** The people of a room by id, with what they are called. */
export type Names = ReadonlyMap<string, string>;

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

/** The groups that are called one of these names. */
export function groupsCalled(called: ReadonlySet<string>): MentionGroup[] {
  return all.filter((g) => called.has(names[g]["zh-CN"]) || called.has(names[g].en));
}

/** What those whom a message mentions are called: only they are shown as mentioned. */
export function namesIn(
  message: { mentions?: readonly string[]; mention_groups?: readonly MentionGroup[] },
  people: Names,
): string[] {
  const persons = (message.mentions ?? []).map((id) => people.get(id) ?? "");
  return [...persons, ...(message.mention_groups ?? []).flatMap((g) => [names[g]["zh-CN"], names[g].en])];
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
