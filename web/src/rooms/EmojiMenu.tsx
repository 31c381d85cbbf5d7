import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";

const offered = ["👍", "❤️", "😄", "👏", "🎉", "🙏", "✅", "👀"] as const;

/** The emoji that a message may be given: faces, hands, what an office and a celebration need. */
export const emojiToWrite = [
  ...["😀", "😄", "😁", "😊", "🙂", "😉", "😍", "🤗", "🤔", "😅", "😂", "😢", "😭", "😴", "😮", "😎"],
  ...["👍", "👏", "🙏", "💪", "🤝", "👌", "✌️", "👋", "🙋", "🫡", "👀", "❤️", "🌹", "💐", "🎉", "🎊"],
  ...["✅", "❌", "❗", "❓", "⏰", "📅", "📍", "📎", "📄", "📷", "☎️", "💻", "✈️", "🏠", "🎂", "🍵"],
  ...["🏮", "🧧", "🥮", "🐉", "🌍", "🌏", "☀️", "🌙"],
] as const;

interface Props {
  trigger: ReactNode;
  onChoose: (emoji: string) => void;
  emoji?: readonly string[];
}

/** A few emoji to choose one from. */
export function EmojiMenu({ trigger, onChoose, emoji = offered }: Props) {
  const { t } = useLingui();
  return (
    <DialogTrigger>
      {trigger}
      <Popover placement="top" className="z-50 rounded-xl border border-line bg-surface p-1.5 shadow-lift">
        <Dialog aria-label={t`Choose an emoji`} className="outline-none">
          {({ close }) => (
            <EmojiRow
              emoji={emoji}
              onChoose={(e) => {
                onChoose(e);
                close();
              }}
            />
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** The emoji side by side. */
export function EmojiRow({ onChoose, emoji = offered }: Omit<Props, "trigger">) {
  return (
    <div className="flex max-h-60 max-w-[min(22.5rem,80vw)] flex-wrap gap-0.5 overflow-y-auto">
      {emoji.map((e) => (
        <Button
          key={e}
          onPress={() => onChoose(e)}
          className="flex size-11 items-center justify-center rounded-lg text-xl hover:bg-sunken"
        >
          {e}
        </Button>
      ))}
    </div>
  );
}
