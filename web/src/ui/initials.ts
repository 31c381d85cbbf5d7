const han = /\p{Script=Han}/u;

/** What follows a Chinese name and is none of it. */
const title = /(博士|教授|先生|女士|老师|主任|会长|院士|工程师)$/u;

/** What a Chinese name of an organisation or of an office ends with: what tells it from others comes first. */
const office =
  /(站|会|馆|社|所|院|室|部|处|局|科|组|团|校|学|中心|公司|集团|机构|单位|办公室|委员会|代表处)$/u;

/**
 * The letters of an avatar: the last two characters of a Chinese name, the first two of an
 * organisation's, initials elsewhere.
 */
export function initialsOf(name: string): string {
  const trimmed = name.replace(/[（(][^）)]*[）)]/g, "").trim();
  if (trimmed === "") return "?";
  if (han.test(trimmed)) {
    const letters = [...(trimmed.replace(title, "") || trimmed)].filter((c) => han.test(c));
    const named = letters.length > 3 && office.test(letters.join(""));
    return (named || trimmed === "管理员" ? letters.slice(0, 2) : letters.slice(-2)).join("");
  }
  const words = trimmed.split(/\s+/);
  const first = [...(words[0] ?? "")][0] ?? "";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** A hue that stays with a name: a person has other ids as an account, as a contact and as an invitee. */
export function hueOf(name: string): number {
  let sum = 0;
  for (const c of name.trim().normalize()) sum = (sum * 31 + c.charCodeAt(0)) >>> 0;
  return sum % 360;
}
