/** How many characters a message may have; the hub counts whole characters, too. */
const longest = 10_000;

/** By how many characters a text is too long for one message. */
export function overlong(text: string): number {
  return text.length <= longest ? 0 : Math.max(0, [...text].length - longest);
}
