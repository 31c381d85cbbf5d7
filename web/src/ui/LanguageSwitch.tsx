import { useLingui } from "@lingui/react/macro";
import { Languages } from "lucide-react";
import { chooseLanguage, currentLanguage, languageNames, languages } from "../i18n/language";
import { Button } from "./Button";
import { Menu } from "./Menu";

/** Changes the language; each one is called by its own name. */
export function LanguageSwitch({ onChange }: { onChange?: (language: (typeof languages)[number]) => void }) {
  const { t } = useLingui();
  return (
    <Menu
      label={t`Language`}
      trigger={
        <Button
          small
          look="plain"
          className="shrink-0 whitespace-nowrap"
          aria-label={t`Language: ${languageNames[currentLanguage()]}`}
        >
          <Languages size={18} />
          {languageNames[currentLanguage()]}
        </Button>
      }
      entries={languages.map((language) => ({
        id: language,
        label: languageNames[language],
        onAction: () => {
          void chooseLanguage(language);
          onChange?.(language);
        },
      }))}
    />
  );
}
