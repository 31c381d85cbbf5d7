import { useLingui } from "@lingui/react/macro";
import { Users } from "lucide-react";
import { useApart } from "../account/apart";
import { Avatar } from "../ui/Avatar";
import { cx } from "../ui/cx";
import type { Mentionable } from "./mentions";
import { useScene } from "./scene";

interface Props {
  id: string;
  offered: readonly Mentionable[];
  picked: Mentionable;
  onPick: (meant: Mentionable) => void;
}

/** The people a mention may mean; the keyboard stays in the text. */
export function MentionList({ id, offered, picked, onPick }: Props) {
  const { t } = useLingui();
  const details = useApart(offered, useScene() !== undefined);
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t`People`}
      className="absolute inset-x-3 bottom-full mb-1 rounded-xl border border-line bg-surface p-1.5 shadow-lift"
    >
      {offered.map((person) => (
        <div
          key={person.id}
          id={`${id}-${person.id}`}
          role="option"
          tabIndex={-1}
          aria-selected={person === picked}
          onPointerDown={(e) => {
            e.preventDefault();
            onPick(person);
          }}
          className={cx(
            "flex min-h-10 cursor-pointer items-center gap-2.5 rounded-lg px-2",
            person === picked && "bg-sunken",
          )}
        >
          {person.group ? (
            <span className="flex size-[26px] items-center justify-center rounded-full bg-sunken text-accent">
              <Users size={15} aria-hidden="true" />
            </span>
          ) : (
            <Avatar name={person.name} size={26} />
          )}
          <span className="min-w-0 truncate">{person.name}</span>{" "}
          <span className="min-w-0 truncate text-ink-faint text-sm">{details.get(person.id)}</span>
        </div>
      ))}
    </div>
  );
}
