import { useLingui } from "@lingui/react/macro";
import { BadgeCheck, Hash, X } from "lucide-react";
import { currentLanguage } from "../i18n/language";
import { ownZone } from "../time/zones";
import { IconButton } from "../ui/IconButton";
import { Switch } from "../ui/Switch";
import type { Message } from "../wire/messages";
import type { Options } from "./Composer";
import { plain } from "./plain";
import { useScene } from "./scene";
import { quoteOf } from "./timeline";

interface Props {
  replyTo: Message | undefined;
  onCancelReply: () => void;
  options: Options;
  onOptions: (options: Options) => void;
}

/** What the message that is being written will be besides its words: each can be taken away again. */
export function ComposerNotes({ replyTo, onCancelReply, options, onOptions }: Props) {
  const { t } = useLingui();
  const scene = useScene();
  return (
    <>
      {replyTo ? (
        <div className="flex items-center gap-2 pb-2 text-ink-soft text-sm">
          <p className="min-w-0 flex-1 truncate border-accent border-l-2 pl-2">
            {t`Reply to ${replyTo.author.name}`}:{" "}
            {plain(quoteOf(replyTo), scene?.zone ?? ownZone(), currentLanguage())}
          </p>
          <IconButton label={t`Do not reply`} className="size-8" onPress={onCancelReply}>
            <X size={16} />
          </IconButton>
        </div>
      ) : null}
      {scene && options.topic ? (
        <div className="flex items-center gap-1.5 pb-2 text-sm">
          <Hash size={15} aria-hidden="true" className="text-accent" />
          <span className="min-w-0 truncate">{t`Topic: ${options.topic}`}</span>
          {options.topic === scene.topic ? null : (
            <IconButton
              label={t`Without a topic`}
              className="size-8"
              onPress={() => onOptions({ ...options, topic: "" })}
            >
              <X size={16} />
            </IconButton>
          )}
        </div>
      ) : null}
      {options.mustConfirm ? (
        <div className="flex flex-wrap items-center gap-x-4 pb-2 text-sm">
          <span className="flex items-center gap-1.5">
            <BadgeCheck size={16} aria-hidden="true" className="text-accent" />
            {t`Everybody is asked to confirm`}
          </span>
          <Switch isSelected={options.urgent} onChange={(urgent) => onOptions({ ...options, urgent })}>
            {t`Urgent, at night too`}
          </Switch>
          <IconButton
            label={t`Do not ask for confirmation`}
            className="size-8"
            onPress={() => onOptions({ ...options, mustConfirm: false, urgent: false })}
          >
            <X size={16} />
          </IconButton>
        </div>
      ) : null}
    </>
  );
}
