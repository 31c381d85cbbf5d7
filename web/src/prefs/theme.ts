/** What a person chose; "system" follows the device. */
export type Theme = "system" | "light" | "dark";

const key = "yunqiao.theme";

/** The choice kept on this device. */
export function keptTheme(): Theme {
  const kept = localStorage.getItem(key);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** Shows a theme and keeps the choice. */
export function chooseTheme(theme: Theme): void {
  localStorage.setItem(key, theme);
  showTheme();
}

/** Puts the kept theme on the page. */
export function showTheme(): void {
  const kept = keptTheme();
  const dark = kept === "dark" || (kept === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

/** Follows the device while the choice is "system"; returns what stops it. */
export function followTheme(): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", showTheme);
  showTheme();
  return () => media.removeEventListener("change", showTheme);
}
