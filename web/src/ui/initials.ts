const han = /\p{Script=Han}/u;

/** What follows a Chinese name and is none of it. */
const title = /(博士|教授|先生|女士|老师|主任|会长|院士|工程师)$/u;

/** The letters of an avatar: the last two characters of a Chinese name, initials elsewhere. */
export function initialsOf(name: string): string {
  const trimmed = name.replace(/[（(][^）)]*[）)]/g, "").trim();
  if (trimmed === "") return "?";
  if (han.test(trimmed))
    return [...(trimmed.replace(title, "") || trimmed)]
      .filter((c) => han.test(c))
      .slice(-2)
      .join("");
  const words = trimmed.split(/\s+/);
  const first = [...(words[0] ?? "")][0] ?? "";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** A hue that stays with an id. */
export function hueOf(id: string): number {
  let sum = 0;
  for (const c of id) sum = (sum * 31 + c.charCodeAt(0)) >>> 0;
  return sum % 360;
}
