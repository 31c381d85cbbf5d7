import { useRef, useState } from "react";
import type { Person } from "../wire/messages";
import { type Mentionable, mentionable, mentionBefore } from "./mentions";
import { useScene } from "./scene";
import { useFound } from "./useFound";

/** The text that is being written, where the caret is, and who may be meant. */
export function useWriting(
  begin: string,
  people: readonly Person[],
  groups: readonly Mentionable[],
  me: string,
) {
  const [text, setText] = useState(begin);
  const [caret, setCaret] = useState(begin.length);
  const [chosen, setChosen] = useState(0);
  const [named, setNamed] = useState<ReadonlySet<string>>(new Set());
  const box = useRef<HTMLTextAreaElement>(null);
  const mention = mentionBefore(text, caret);
  // Guests do not search the house.
  const { found } = useFound(useScene() ? (mention?.query ?? "") : "");
  const offered = mention ? mentionable(people, groups, mention.query, me, found) : [];
  const put = (before: string, after: string) => {
    setText(before + after);
    setCaret(before.length);
    requestAnimationFrame(() => box.current?.setSelectionRange(before.length, before.length));
  };
  return {
    box,
    text,
    /** The ids of those who were picked from the list, so that of two of one name one is meant. */
    named,
    offered,
    picked: offered[Math.min(chosen, offered.length - 1)],
    moved: setCaret,
    change: (next: string, at: number) => {
      setText(next);
      setCaret(at);
      setChosen(0);
    },
    choose: (step: number) => setChosen((chosen + step + offered.length) % offered.length),
    breakLine: () => put(`${text.slice(0, caret)}\n`, text.slice(caret)),
    mention: (meant: Mentionable) => {
      if (!mention) return;
      put(`${text.slice(0, mention.start)}@${meant.name} `, text.slice(caret));
      if (!meant.group) setNamed(new Set([...named, meant.id]));
    },
    /** Writes something where the caret is, apart from the words around it. */
    insert: (words: string) => {
      const before = text.slice(0, caret);
      put(`${before}${before === "" || /\s$/.test(before) ? "" : " "}${words} `, text.slice(caret));
    },
  };
}
