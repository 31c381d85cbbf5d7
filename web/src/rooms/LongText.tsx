import { useLingui } from "@lingui/react/macro";
import { FileText } from "lucide-react";
import { currentLanguage } from "../i18n/language";
import { Button } from "../ui/Button";
import { overlong } from "./overlong";

/** Says that a text is too long to be a message, and offers to send it as a file. Nothing of it is cut off. */
export function LongText({ text, onFile }: { text: string; onFile: (file: File) => void }) {
  const { t } = useLingui();
  const more = overlong(text);
  if (more === 0) return null;
  const excess = more.toLocaleString(currentLanguage());
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-1 pb-2 text-danger text-sm">
      <p>{t`${excess} characters too many for one message.`}</p>
      <Button small onPress={() => onFile(new File([text], t`Text.txt`, { type: "text/plain" }))}>
        <FileText size={16} />
        {t`Send as a file`}
      </Button>
    </div>
  );
}
