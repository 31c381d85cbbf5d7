import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { roomsQuery } from "../app/queries";
import { currentLanguage } from "../i18n/language";
import { roomTitle } from "../rooms/titles";
import { Select } from "../ui/Select";

interface Props {
  value: string;
  onChange: (room: string) => void;
  error: string | undefined;
}

/** Where a meeting is held: in a new room of its own, or in one whose members meet among themselves. */
export function RoomChoice({ value, onChange, error }: Props) {
  const { t } = useLingui();
  const rooms = useQuery(roomsQuery);
  const language = currentLanguage();
  const lasting = (rooms.data ?? []).filter((r) => r.kind === "station" || r.kind === "group");
  return (
    <div className="flex flex-col gap-1.5">
      <Select
        label={t`Room`}
        value={value}
        options={[
          { value: "", label: t`A new room for this meeting` },
          ...lasting.map((r) => ({ value: r.id, label: roomTitle(r, language) })),
        ]}
        onChange={onChange}
      />
      <p className={error === undefined ? "text-ink-faint text-sm" : "text-danger text-sm"}>
        {error ??
          (value === ""
            ? t`Guests come by a link of their own.`
            : t`Only members of this room can be invited, no guests.`)}
      </p>
    </div>
  );
}
