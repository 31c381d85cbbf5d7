import type { Language } from "../i18n/language";

const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/** Codes that are reserved for something else than a country or a region of its own (ISO 3166-1). */
const reserved = new Set([
  "AC",
  "CP",
  "CQ",
  "DG",
  "EA",
  "EU",
  "EZ",
  "IC",
  "QO",
  "TA",
  "UN",
  "XA",
  "XB",
  "XK",
  "ZZ",
]);

/** What an organisation of the Chinese mainland calls its own regions: the names that Unicode knows stand alone. */
const ownRegions: { [code: string]: { [language in Language]: string } } = {
  HK: { "zh-CN": "中国香港", en: "Hong Kong, China" },
  MO: { "zh-CN": "中国澳门", en: "Macao, China" },
  TW: { "zh-CN": "中国台湾", en: "Taiwan, China" },
};

/** The name of a country or region in a language; the code itself when it is none. */
export function countryName(code: string, language: Language): string {
  if (code === "") return "";
  return nameOf(code, language) ?? code;
}

function nameOf(code: string, language: Language): string | undefined {
  return ownRegions[code]?.[language] ?? namesIn(language).of(code);
}

/** Every country and region, in the order in which the language sorts them. */
export function countryOptions(language: Language): { value: string; label: string }[] {
  const order = new Intl.Collator(language);
  return letters
    .flatMap((a) => letters.map((b) => a + b))
    .filter((code) => !reserved.has(code) && isCurrent(code))
    .flatMap((code) => {
      const label = nameOf(code, language);
      return label === undefined ? [] : [{ value: code, label }];
    })
    .sort((a, b) => order.compare(a.label, b.label));
}

/** Whether a code is still in use: the canonical form of an old one, such as DD, is its successor. */
function isCurrent(code: string): boolean {
  return new Intl.Locale(`und-${code}`).region === code;
}

const known: { [language in Language]?: Intl.DisplayNames } = {};

function namesIn(language: Language): Intl.DisplayNames {
  known[language] ??= new Intl.DisplayNames(language, { type: "region", fallback: "none" });
  return known[language];
}
