/** A time as it is written into a message: each reader sees it by their own clock. */
const token = /<time:(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))>/g;

/** The times in a text. What is no time is left as it is. */
export function timeIn(text: string): { index: number; text: string; time: Date }[] {
  return [...text.matchAll(token)].flatMap((found) => {
    const time = new Date(found[1] ?? "");
    return Number.isNaN(time.getTime()) ? [] : [{ index: found.index, text: found[0], time }];
  });
}

/** A moment as it is written into a message. */
export function timeToken(at: Date): string {
  return `<time:${at.toISOString().slice(0, 16)}Z>`;
}
