import { useLingui } from "@lingui/react/macro";
import { Paperclip } from "lucide-react";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { IconButton } from "../ui/IconButton";

/** Chooses files, several at once. */
export function AttachButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useLingui();
  return (
    <FileTrigger allowsMultiple onSelect={(files) => files && onFiles([...files])}>
      <IconButton label={t`Add files`} className="size-11">
        <Paperclip size={20} />
      </IconButton>
    </FileTrigger>
  );
}
