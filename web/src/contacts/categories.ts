import type { Category } from "../api/types";
import type { Language } from "../i18n/language";

/** A category's name in a language. */
export function categoryName(category: Category, language: Language): string {
  return language === "en" ? category.name_en : category.name_zh;
}
