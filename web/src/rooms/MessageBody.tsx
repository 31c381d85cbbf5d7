import { useLingui } from "@lingui/react/macro";
import { Forward, Hash, Pin } from "lucide-react";
import { lazy, Suspense } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { Attachments } from "../files/Attachments";
import { currentLanguage } from "../i18n/language";
import { clock } from "../time/format";
import { cx } from "../ui/cx";
import type { Message } from "../wire/messages";
import type { Extras } from "./draft";
import { type Names, namesIn } from "./groups";
import { MeetingCard, meetingIn } from "./MeetingCard";
import { plain } from "./plain";
import { useScene } from "./scene";

// The parser comes with the first message, not with the page: a guest who only meets never loads it.
const Markdown = lazy(() => import("./Markdown").then((m) => ({ default: m.Markdown })));

interface Props {
  message: Message;
  own: boolean;
  names: Names;
  zone: string;
}

/** What a message says, with where it comes from and what it answers. */
export function MessageBody({ message, own, names, zone }: Props) {
  const { t } = useLingui();
  const scene = useScene();
  const meeting = scene && !scene.beside ? meetingIn(message.text) : undefined;
  return (
    <div className={cx("max-w-full rounded-2xl px-3.5 py-2", own ? "bg-accent-soft" : "bg-sunken")}>
      <TopicChip topic={message.topic} />
      {message.forwarded ? (
        <p className="flex items-center gap-1.5 pb-0.5 text-ink-soft text-xs">
          <Forward size={13} aria-hidden="true" />
          {t`Forwarded from ${message.forwarded.author.name}`}
        </p>
      ) : null}
      {message.reply_to ? (
        <p className="mb-1 line-clamp-2 border-accent border-l-2 pl-2 text-ink-soft text-sm">
          {message.reply_to.author.name}: {plain(message.reply_to.text, zone, currentLanguage())}
        </p>
      ) : null}
      <Words text={message.text} textEN={message.text_en} names={namesIn(message, names)} zone={zone} />
      {message.attachments.length > 0 ? <Attachments list={message.attachments} /> : null}
      {meeting ? <MeetingCard id={meeting} /> : null}
      <Marks message={message} zone={zone} />
    </div>
  );
}

/** What a message says: in one language, or in both, the reader's first; side by side where there is room. */
export function Words({
  text,
  textEN,
  names,
  zone,
}: {
  text: string;
  textEN: string | undefined;
  names: readonly string[];
  zone: string;
}) {
  const shown = (words: string) => (
    <Suspense fallback={<p className="whitespace-pre-wrap wrap-anywhere">{words}</p>}>
      <Markdown text={words} names={names} zone={zone} />
    </Suspense>
  );
  if (!textEN) return text ? shown(text) : null;
  const both = [
    { lang: "zh-CN", words: text },
    { lang: "en", words: textEN },
  ];
  if (currentLanguage() === "en") both.reverse();
  return (
    <div className="grid gap-x-5 gap-y-2 @2xl:grid-cols-2">
      {both.map(({ lang, words }, i) => (
        <div
          key={lang}
          lang={lang}
          className={cx(
            "min-w-0",
            i > 0 && "border-line border-t pt-2 @2xl:border-t-0 @2xl:border-l @2xl:pt-0 @2xl:pl-5",
          )}
        >
          {shown(words)}
        </div>
      ))}
    </div>
  );
}

/** What a message is about; pressing it narrows the room to that. */
function TopicChip({ topic }: { topic: Extras["topic"] }) {
  const { t } = useLingui();
  const scene = useScene();
  if (!topic || topic === scene?.topic) return null;
  const look =
    "mb-1 flex w-fit max-w-full items-center gap-1 rounded-full bg-canvas px-2 py-0.5 text-accent text-xs";
  const words = (
    <>
      <Hash size={12} aria-hidden="true" className="shrink-0" />
      <span className="truncate">{topic}</span>
    </>
  );
  if (!scene) return <span className={look}>{words}</span>;
  return (
    <Plain
      aria-label={t`Only the topic ${topic}`}
      className={cx(look, "hover:bg-surface")}
      onPress={() => scene.chooseTopic(topic)}
    >
      {words}
    </Plain>
  );
}

/** That it was changed, and that it is kept in sight. */
function Marks({ message, zone }: { message: Message; zone: string }) {
  const { t } = useLingui();
  const scene = useScene();
  if (!message.edited_at && !message.pin) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-3 pt-0.5 text-ink-faint text-xs">
      {message.pin ? (
        <span className="flex items-center gap-1">
          <Pin size={12} aria-hidden="true" />
          {t`Pinned by ${message.pin.by.name}`}
        </span>
      ) : null}
      {message.edited_at && scene ? (
        <Plain
          className="underline decoration-dotted underline-offset-2 hover:text-ink"
          onPress={() => scene.show({ kind: "versions", message })}
        >
          {t`edited ${clock(new Date(message.edited_at), zone, currentLanguage())}`}
        </Plain>
      ) : null}
      {message.edited_at && !scene ? <span>{t`edited`}</span> : null}
    </p>
  );
}
