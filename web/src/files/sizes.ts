/** A size in words: 812 B, 3.4 MB. */
export function sizeText(bytes: number, locale: "zh-CN" | "en"): string {
  const units = ["B", "KB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)} ${units[unit]}`;
}

/** A length of time as players show it: 0:07, 12:05. */
export function lengthText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The box of one picture: its own shape, unless that is very long or very high. */
export function boxRatio(width: number, height: number): number {
  if (width <= 0 || height <= 0) return 4 / 3;
  return Math.min(2.2, Math.max(0.6, width / height));
}
