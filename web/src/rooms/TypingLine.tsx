import { useLingui } from "@lingui/react/macro";
import { useStore } from "zustand";
import type { Rooms } from "./store";

const nobody: never[] = [];

/** Who is writing. */
export function TypingLine({ rooms, room }: { rooms: Rooms; room: string }) {
  const { t } = useLingui();
  const typing = useStore(rooms.store, (s) => s.typing[room] ?? nobody);
  const [first, second] = typing;
  let words = "";
  if (first && second) words = t`${first.person.name} and ${second.person.name} are writing…`;
  else if (first) words = t`${first.person.name} is writing…`;
  if (typing.length > 2) words = t`Several people are writing…`;
  return <p className="h-5 truncate px-4 text-xs text-ink-faint">{words}</p>;
}
