import { i18n } from "@lingui/core";

/** The languages the client speaks. */
export const languages = ["zh-CN", "en"] as const;
export type Language = (typeof languages)[number];

const key = "yunqiao.language";

/** Each language by its own name, so that everybody finds theirs. */
export const languageNames: { [L in Language]: string } = { "zh-CN": "简体中文", en: "English" };

/** Reads a language out of anything a browser or a server may call one. */
export function asLanguage(tag: string | null | undefined): Language | undefined {
  if (!tag) return undefined;
  if (tag.toLowerCase().startsWith("zh")) return "zh-CN";
  return tag.toLowerCase().startsWith("en") ? "en" : undefined;
}

/** The language before anybody has said which one: the last choice here, else the browser's. */
export function preferredLanguage(): Language {
  const kept = asLanguage(localStorage.getItem(key));
  if (kept) return kept;
  for (const tag of navigator.languages) {
    const known = asLanguage(tag);
    if (known) return known;
  }
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

/** Loads a language's catalogue and shows everything in it. */
export async function showLanguage(language: Language): Promise<void> {
  const { messages } =
    language === "zh-CN" ? await import("../locales/zh-CN.po") : await import("../locales/en.po");
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
}

/** Changes the language and remembers it on this device. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(key, language);
  await showLanguage(language);
}

/** The language shown now. */
export function currentLanguage(): Language {
  return asLanguage(i18n.locale) ?? "en";
}
