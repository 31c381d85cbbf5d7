import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { AtSign, Moon, Sun, X } from "lucide-react";
import { useMemo, useState } from "react";
import { useApart } from "../account/apart";
import { zoneOptions } from "../account/zones";
import { call, query } from "../api/client";
import type { Problem } from "../api/problem";
import type { Found } from "../api/types";
import { stationsQuery } from "../app/queries";
import { useZone } from "../app/session";
import { isOpen } from "../home/officeHours";
import { currentLanguage, languageNames, languages } from "../i18n/language";
import { isSendKey } from "../rooms/keys";
import { moment, zoneName } from "../time/format";
import { dayShift, isDark, isNight } from "../time/zones";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { IconButton } from "../ui/IconButton";
import { Select } from "../ui/Select";
import { useRested } from "../ui/useRested";
import { type Guest, guestOf } from "./draft";

interface Props {
  guests: readonly Guest[];
  /** How many others stand before them in what the server is sent. */
  after?: number;
  onChange: (guests: Guest[]) => void;
  zone: string;
  /** When the meeting begins, to show each one's own clock. */
  at: Date | undefined;
  /** What the server refused, when it did. */
  problem?: Problem | undefined;
}

/** Chooses who is invited, with the hour it will be where they are. */
export function GuestPicker({ guests, after = 0, onChange, zone, at, problem }: Props) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [typing, setTyping] = useState(false);
  const { text: wanted, field } = useRested(text);
  const wrong = useRefusals(problem);
  const found = useQuery({
    queryKey: ["people", wanted],
    queryFn: ({ signal }) => call<Found[]>("GET", `/people${query({ q: wanted })}`, undefined, signal),
    enabled: wanted !== "",
    placeholderData: (before) => before,
  });
  const add = (guest: Guest) => {
    onChange([...guests.filter((g) => g.key !== guest.key), guest]);
    setText("");
  };
  const offered = (wanted === "" ? [] : (found.data ?? [])).filter(
    (f) => !guests.some((g) => g.key === f.id),
  );
  const details = useApart(offered.filter((f) => f.kind === "account"));
  return (
    <div className="flex flex-col gap-3">
      <Field
        label={t`Search by name, pinyin or initials`}
        placeholder={t`For instance 徐, xuchongyu or xcy`}
        value={text}
        onChange={setText}
        onKeyDown={(e) => {
          if (!isSendKey(e.nativeEvent)) return;
          // Enter takes the first one found; it would send the whole form otherwise.
          e.preventDefault();
          if (offered[0] && wanted === text.trim()) add(guestOf(offered[0], zone));
        }}
        {...field}
        autoComplete="off"
      />
      {wanted === "" ? null : (
        <ul
          aria-label={t`Found`}
          className="max-h-72 overflow-y-auto rounded-xl border border-line bg-surface p-1.5"
        >
          {offered.map((f) => (
            <li key={f.id}>
              <FoundRow found={f} apart={details.get(f.id)} onChoose={() => add(guestOf(f, zone))} />
            </li>
          ))}
          {found.isSuccess && offered.length === 0 ? (
            <li className="px-3 py-2 text-ink-faint">{t`Nobody found`}</li>
          ) : null}
          {found.isError ? <li className="px-3 py-2 text-danger">{t`The search did not work.`}</li> : null}
        </ul>
      )}
      <Button small look="plain" className="self-start" onPress={() => setTyping(true)}>
        <AtSign size={16} />
        {t`Invite by e-mail address`}
      </Button>
      <ul className="flex flex-col divide-y divide-line" aria-label={t`Invited`}>
        {guests.map((g, i) => (
          <GuestRow
            key={g.key}
            guest={g}
            at={at}
            error={wrong(after + i)}
            onRemove={() => onChange(guests.filter((x) => x !== g))}
          />
        ))}
      </ul>
      {problem && "invitees" in problem.fields ? (
        <p className="text-danger text-sm">{t`Somebody invited is not a member of the chosen room.`}</p>
      ) : null}
      {typing ? <TypedGuest zone={zone} onAdd={add} onClose={() => setTyping(false)} /> : null}
    </div>
  );
}

/** What was wrong with an invitee, by their place in the list. */
function useRefusals(problem: Problem | undefined): (at: number) => string | undefined {
  const { t } = useLingui();
  return (at) => {
    const fields = Object.keys(problem?.fields ?? {}).filter((f) => f.startsWith(`invitees[${at}]`));
    const [field] = fields;
    if (field === undefined) return undefined;
    if (field.endsWith(".email")) return t`Please check the e-mail address.`;
    if (field.endsWith("]")) return t`This person is invited twice.`;
    return t`This person cannot be invited any more.`;
  };
}

interface FoundRowProps {
  found: Found;
  /** What tells it from another of its name. */
  apart: string | undefined;
  onChoose: () => void;
}

function FoundRow({ found, apart, onChoose }: FoundRowProps) {
  const { t } = useLingui();
  const kinds = { account: t`Account`, station: t`Station`, contact: t`Contact` };
  const detail = apart ?? (currentLanguage() === "en" ? found.detail_en : found.detail_zh);
  return (
    <button
      type="button"
      onClick={onChoose}
      className="flex min-h-12 w-full items-center gap-3 rounded-lg px-2 text-left hover:bg-sunken"
    >
      <Avatar name={found.name} size={32} />
      <span className="min-w-0 flex-1">
        <span className="block truncate">
          {found.name} <span className="text-ink-faint text-sm">{found.name_latin}</span>
        </span>
        <span className="block truncate text-ink-faint text-sm">{detail}</span>
      </span>
      <Badge>{kinds[found.kind]}</Badge>
    </button>
  );
}

interface GuestRowProps {
  guest: Guest;
  at: Date | undefined;
  error: string | undefined;
  onRemove: () => void;
}

function GuestRow({ guest, at, error, onRemove }: GuestRowProps) {
  const { t } = useLingui();
  const language = currentLanguage();
  const own = useZone();
  const night = at !== undefined && isNight(at, guest.timeZone);
  const shift = at === undefined ? 0 : dayShift(at, guest.timeZone, own);
  const stations = useQuery({ ...stationsQuery, enabled: guest.kind === "station" });
  const station = stations.data?.find((s) => s.id === guest.ref);
  const closed =
    at !== undefined && station !== undefined && !isOpen(station.office_hours, station.time_zone, at);
  return (
    <li className="flex items-center gap-3 py-2.5">
      <Avatar name={guest.name} size={34} />
      <div className="min-w-0 flex-1">
        <p className="truncate">{guest.name}</p>
        {at ? (
          <p className="flex flex-wrap items-center gap-x-2 text-ink-soft text-sm">
            {isDark(at, guest.timeZone) ? (
              <Moon size={14} className={night ? "text-warn" : "text-ink-faint"} />
            ) : (
              <Sun size={14} className="text-ink-faint" />
            )}
            <span className="tabular">{moment(at, guest.timeZone, language)}</span>
            <span>{zoneName(guest.timeZone, language)}</span>
            {shift === 0 ? null : <Badge>{shift > 0 ? t`the next day` : t`the day before`}</Badge>}
            {night ? <Badge tone="warn">{t`Night there`}</Badge> : null}
            {closed && !night ? <Badge>{t`Outside office hours`}</Badge> : null}
          </p>
        ) : null}
        {error === undefined ? null : <p className="text-danger text-sm">{error}</p>}
      </div>
      <IconButton label={t`Remove ${guest.name}`} onPress={onRemove}>
        <X size={18} />
      </IconButton>
    </li>
  );
}

interface TypedProps {
  zone: string;
  onAdd: (guest: Guest) => void;
  onClose: () => void;
}

function TypedGuest({ zone, onAdd, onClose }: TypedProps) {
  const { t } = useLingui();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [language, setLanguage] = useState<"zh-CN" | "en">("en");
  const [timeZone, setTimeZone] = useState(zone);
  const zones = useMemo(() => zoneOptions(zone, currentLanguage()), [zone]);
  const add = () => {
    const key = email.trim() || `name:${name.trim()}`;
    onAdd({ key, kind: "address", name: name.trim(), email: email.trim(), language, timeZone });
    onClose();
  };
  const footer = (
    <Button look="primary" isDisabled={name.trim() === ""} onPress={add}>
      {t`Invite`}
    </Button>
  );
  return (
    <Dialog open onClose={onClose} title={t`Invite by e-mail address`} footer={footer}>
      <div className="flex flex-col gap-4">
        <Field label={t`Name`} value={name} onChange={setName} isRequired />
        <Field
          label={t`E-mail`}
          type="email"
          value={email}
          onChange={setEmail}
          hint={t`Without one, you hand over the link yourself.`}
        />
        <Select
          label={t`Language`}
          value={language}
          options={languages.map((l) => ({ value: l, label: languageNames[l] }))}
          onChange={setLanguage}
        />
        <Select label={t`Time zone`} value={timeZone} options={zones} onChange={setTimeZone} />
      </div>
    </Dialog>
  );
}
