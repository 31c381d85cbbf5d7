import { useLingui } from "@lingui/react/macro";
import { Clock } from "lucide-react";
import { memo, type ReactNode, useMemo } from "react";
import { currentLanguage } from "../i18n/language";
import { moment, offsetName, zoneName } from "../time/format";
import { distinctZones } from "../time/zones";
import { type Block, type Inline, isSafeLink, parseMarkdown } from "./markdown";

interface Props {
  text: string;
  names: readonly string[];
  zone: string;
}

/** A message's text: the part of Markdown that messages have, as elements and never as HTML. */
export const Markdown = memo(function Markdown({ text, names, zone }: Props) {
  const tree = useMemo(() => parseMarkdown(text, names), [text, names]);
  return (
    <div dir="auto" className="flex flex-col gap-1.5 wrap-anywhere [unicode-bidi:isolate]">
      {tree.map((block, i) => blockElement(block, i, zone))}
    </div>
  );
});

// Of a tree that is made anew with each text, the place is the key.
function blockElement(block: Block, key: number, zone: string): ReactNode {
  switch (block.kind) {
    case "paragraph":
      return <p key={key}>{block.children.map((child, i) => inlineElement(child, i, zone))}</p>;
    case "code":
      return <Code key={key} text={block.text} />;
    case "quote":
      return (
        <blockquote
          key={key}
          className="flex flex-col gap-1.5 border-line-strong border-l-2 pl-3 text-ink-soft"
        >
          {block.children.map((child, i) => blockElement(child, i, zone))}
        </blockquote>
      );
    case "list": {
      const items = block.items.map(itemElement(zone));
      if (block.start === undefined)
        return (
          <ul key={key} className="list-disc pl-5">
            {items}
          </ul>
        );
      return (
        <ol key={key} start={block.start} className="list-decimal pl-6">
          {items}
        </ol>
      );
    }
    default:
      return block satisfies never;
  }
}

function itemElement(zone: string) {
  return (item: readonly Block[], key: number) => (
    <li key={key}>{item.map((child, i) => blockElement(child, i, zone))}</li>
  );
}

/** What scrolls sideways is reached with the keyboard. */
function Code({ text }: { text: string }) {
  const { t } = useLingui();
  return (
    <section
      aria-label={t`Code`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      dir="ltr"
      className="overflow-x-auto rounded-lg bg-canvas px-3 py-2"
    >
      <pre className="font-mono text-[13px]">{text}</pre>
    </section>
  );
}

function inlineElement(inline: Inline, key: number, zone: string): ReactNode {
  const within = (children: readonly Inline[]) => children.map((child, i) => inlineElement(child, i, zone));
  switch (inline.kind) {
    case "text":
      return inline.text;
    case "break":
      return <br key={key} />;
    case "code":
      return (
        <code key={key} className="rounded bg-canvas px-1 py-0.5 font-mono text-[0.9em]">
          {inline.text}
        </code>
      );
    case "mention":
      return (
        <span key={key} className="font-medium text-accent">
          {inline.text}
        </span>
      );
    case "strong":
      return (
        <strong key={key} className="font-semibold">
          {within(inline.children)}
        </strong>
      );
    case "emphasis":
      return <em key={key}>{within(inline.children)}</em>;
    case "strike":
      return <s key={key}>{within(inline.children)}</s>;
    case "time":
      return <TimeInText key={key} at={inline.at} zone={zone} />;
    case "link":
      return (
        <Anchor key={key} href={inline.text}>
          {inline.text}
        </Anchor>
      );
    case "anchor":
      return (
        <Anchor key={key} href={inline.href}>
          {within(inline.children)}
        </Anchor>
      );
    default:
      return inline satisfies never;
  }
}

function Anchor({ href, children }: { href: string; children: ReactNode }) {
  if (!isSafeLink(href)) return <>{children}</>;
  return (
    <a
      href={href}
      title={href}
      target="_blank"
      rel="noreferrer noopener"
      className="text-accent underline underline-offset-2 [unicode-bidi:isolate]"
    >
      {children}
    </a>
  );
}

/** A moment by the reader's clock, with its name; pointing at it shows Beijing's and the world's. */
function TimeInText({ at, zone }: { at: Date; zone: string }) {
  const language = currentLanguage();
  const others = distinctZones([zone, "Asia/Shanghai", "UTC"]).slice(1);
  const title = others.map((z) => `${zoneName(z, language, at)} ${moment(at, z, language)}`).join("\n");
  return (
    <time
      dateTime={at.toISOString()}
      title={title}
      className="inline-block max-w-full rounded-md bg-canvas px-1.5 font-medium"
    >
      <Clock size={13} aria-hidden="true" className="mr-1 inline align-[-2px] text-accent" />
      {moment(at, zone, language)}{" "}
      <span className="font-normal text-ink-soft text-xs">
        {zoneName(zone, language, at)} {offsetName(zone, at)}
      </span>
    </time>
  );
}
