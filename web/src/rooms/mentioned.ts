import type { MentionGroup, Person } from "../wire/messages";
import { groupNames, groupsCalled } from "./groups";
import { type Block, type Inline, parseMarkdown } from "./markdown";

/** Whom a text tells. */
export interface Mentioned {
  mentions: string[];
  groups: MentionGroup[];
}

/**
 * Whom texts mention: those whose names would be shown as mentions in it. Of people of one name those are meant that
 * were picked from the list; picked are their ids.
 */
export function mentionedIn(
  texts: readonly string[],
  people: readonly Person[],
  picked: ReadonlySet<string> = new Set(),
): Mentioned {
  const called = new Set<string>();
  const names = [...people.map((p) => p.name), ...groupNames];
  for (const text of texts) collect(parseMarkdown(text, names), called);
  const alone = (p: Person) => people.every((other) => other.id === p.id || other.name !== p.name);
  const meant = people.filter((p) => called.has(p.name) && (alone(p) || picked.has(p.id)));
  return { mentions: meant.map((p) => p.id), groups: groupsCalled(called) };
}

function collect(tree: readonly (Block | Inline)[], called: Set<string>): void {
  for (const part of tree) {
    if (part.kind === "mention") called.add(part.text.slice(1));
    else if (part.kind === "list") for (const item of part.items) collect(item, called);
    else if ("children" in part) collect(part.children, called);
  }
}
