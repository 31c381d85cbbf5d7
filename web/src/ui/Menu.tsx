import type { ReactNode } from "react";
import { Menu as Base, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { cx } from "./cx";

/** One line of a menu. */
export interface MenuEntry {
  id: string;
  label: string;
  icon?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  onAction: () => void;
}

/** A menu that opens from the given button. */
export function Menu({
  trigger,
  entries,
  label,
}: {
  trigger: ReactNode;
  entries: MenuEntry[];
  label: string;
}) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className="z-50 min-w-44 rounded-xl border border-line bg-surface p-1.5 text-ink shadow-lift outline-none">
        <Base aria-label={label} className="outline-none">
          {entries.map((entry) => (
            <MenuItem
              key={entry.id}
              id={entry.id}
              textValue={entry.label}
              isDisabled={entry.disabled ?? false}
              onAction={entry.onAction}
              className={cx(
                "flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-3 outline-none focus:bg-sunken data-[disabled]:cursor-default data-[disabled]:opacity-45",
                entry.danger && "text-danger",
              )}
            >
              {entry.icon}
              {entry.label}
            </MenuItem>
          ))}
        </Base>
      </Popover>
    </MenuTrigger>
  );
}
