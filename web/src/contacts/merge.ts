import { bodyOf, type Draft } from "./draft";

/** A part of a contact that is taken over as a whole. */
export type Part = keyof Draft;

/** Two changes of one contact brought together. */
export interface Merged {
  draft: Draft;
  /** What both changed, each in their own way. The draft holds ours. */
  clashes: Part[];
}

/** Brings our change and theirs together; both began with the same contact. */
export function merge(base: Draft, mine: Draft, theirs: Draft): Merged {
  const clashes: Part[] = [];
  let draft = mine;
  for (const part of partsOf(mine)) {
    if (says(theirs, part) === says(base, part) || says(theirs, part) === says(mine, part)) continue;
    if (says(mine, part) === says(base, part)) draft = take(draft, theirs, part);
    else clashes.push(part);
  }
  return { draft, clashes };
}

/** A draft with one part taken from another. */
export function take(draft: Draft, from: Draft, part: Part): Draft {
  return { ...draft, [part]: from[part] };
}

function partsOf(draft: Draft): Part[] {
  return Object.keys(draft) as Part[];
}

/** What a part would be saved as, so that keys and blanks make no difference. */
function says(draft: Draft, part: Part): string {
  const body = bodyOf({ ...draft, kind: "person" });
  switch (part) {
    case "kind":
      return draft.kind;
    case "fields":
      return JSON.stringify(body.fields);
    case "aliases":
      return JSON.stringify(body.aliases);
    case "categories":
      return JSON.stringify([...draft.categories].sort());
    case "organisation":
      return JSON.stringify([body.organisation_id, body.organisation_name]);
    default:
      return draft[part].trim();
  }
}
