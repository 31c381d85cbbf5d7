import { useLingui } from "@lingui/react/macro";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Paperclip, Search as SearchIcon, X } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import type { FoundGroup, FoundKind } from "../api/types";
import { accountsQuery, roomsQuery, stationsQuery } from "../app/queries";
import { useSession } from "../app/session";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { roomTitle } from "../rooms/titles";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { Empty, Failed, Loading } from "../ui/states";
import { useRested } from "../ui/useRested";
import { asSearch, type SearchFilter, type When } from "./filter";
import { HitLine } from "./HitLine";
import { asks, joined, searchQuery } from "./queries";
import { targetOf } from "./rows";
import { useGoing } from "./useGoing";
import { kindNames, whenNames } from "./words";

type Change = { [N in keyof SearchFilter]: SearchFilter[N] | undefined };

/** All that is found, with filters: what, who, where, when, with files. */
export function SearchPage() {
  const { t } = useLingui();
  usePageTitle(t`Search`);
  const search = useSearch({ from: "/inside/shell/search" });
  const filter = useMemo(() => asSearch(search), [search]);
  const navigate = useNavigate();
  const set = (part: Change) =>
    void navigate({ to: "/search", search: asSearch({ ...filter, ...part }), replace: true });
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-4 px-4 pt-5 pb-10 md:px-8 md:pt-8">
      <h1 className="font-semibold text-2xl">{t`Search`}</h1>
      <Box value={filter.q ?? ""} onChange={(q) => set({ q: q === "" ? undefined : q })} />
      <Kinds chosen={filter.in} onChoose={(kind) => set({ in: kind })} />
      <Filters filter={filter} set={set} />
      <Results filter={filter} onAll={(kind) => set({ in: kind })} />
    </div>
  );
}

function Box({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const { t } = useLingui();
  const [typed, setTyped] = useState(value);
  const { text, field } = useRested(typed);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address follows what was typed, not the other way
  useEffect(() => {
    if (text !== value) onChange(text);
  }, [text]);
  return (
    <Field
      label={t`Search everything`}
      hideLabel
      autoFocus
      value={typed}
      onChange={setTyped}
      maxLength={200}
      placeholder={t`Words, names, pinyin or initials`}
      {...field}
    />
  );
}

function Kinds({
  chosen,
  onChoose,
}: {
  chosen: FoundKind | undefined;
  onChoose: (k: FoundKind | undefined) => void;
}) {
  const { t, i18n } = useLingui();
  const { account } = useSession();
  const kinds = (Object.keys(kindNames) as FoundKind[]).filter(
    (kind) => kind !== "contacts" || account.role !== "ambassador",
  );
  return (
    <fieldset aria-label={t`What`} className="flex flex-wrap gap-1.5">
      <Chip on={chosen === undefined} onPress={() => onChoose(undefined)}>
        {t`Everything`}
      </Chip>
      {kinds.map((kind) => (
        <Chip key={kind} on={chosen === kind} onPress={() => onChoose(chosen === kind ? undefined : kind)}>
          {i18n._(kindNames[kind])}
        </Chip>
      ))}
    </fieldset>
  );
}

function Chip({ on, onPress, children }: { on: boolean; onPress: () => void; children: React.ReactNode }) {
  return (
    <ToggleButton
      isSelected={on}
      onChange={onPress}
      className={cx(
        "inline-flex min-h-9 items-center gap-1.5 rounded-full border px-3.5 text-sm transition-colors",
        on
          ? "border-accent bg-accent-soft text-accent"
          : "border-line bg-surface text-ink-soft hover:bg-sunken",
      )}
    >
      {children}
    </ToggleButton>
  );
}

function Filters({ filter, set }: { filter: SearchFilter; set: (part: Change) => void }) {
  const { t, i18n } = useLingui();
  const accounts = useQuery(accountsQuery);
  const rooms = useQuery(roomsQuery);
  const language = currentLanguage();
  const people = (accounts.data ?? []).map((a) => ({ value: a.id, label: a.name }));
  const places = (rooms.data ?? []).map((r) => ({ value: r.id, label: roomTitle(r, language) }));
  const times = (Object.keys(whenNames) as When[]).map((w) => ({ value: w, label: i18n._(whenNames[w]) }));
  const any = { value: "" as const, label: "" };
  const narrowed = Boolean(filter.by || filter.room || filter.when || filter.files);
  return (
    <div className="grid grid-cols-2 items-end gap-2 sm:grid-cols-[1fr_1fr_1fr_auto]">
      <Select
        label={t`Who`}
        value={filter.by ?? ""}
        options={[{ ...any, label: t`Anybody` }, ...people]}
        onChange={(by) => set({ by: by === "" ? undefined : by })}
      />
      <Select
        label={t`Where`}
        value={filter.room ?? ""}
        options={[{ ...any, label: t`All chats` }, ...places]}
        onChange={(room) => set({ room: room === "" ? undefined : room })}
      />
      <Select<When | "">
        label={t`When`}
        value={filter.when ?? ""}
        options={[{ ...any, label: t`Any time` }, ...times]}
        onChange={(when) => set({ when: when === "" ? undefined : when })}
      />
      <div className="flex min-h-11 items-center gap-1">
        <Chip on={filter.files === true} onPress={() => set({ files: filter.files ? undefined : true })}>
          <Paperclip size={15} />
          {t`With files`}
        </Chip>
        {narrowed ? (
          <Button
            small
            look="plain"
            onPress={() => set({ by: undefined, room: undefined, when: undefined, files: undefined })}
          >
            <X size={15} />
            {t`Clear`}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function Results({ filter, onAll }: { filter: SearchFilter; onAll: (kind: FoundKind) => void }) {
  const { t } = useLingui();
  const [now] = useState(() => new Date());
  const found = useInfiniteQuery(searchQuery(filter, now));
  const groups = useMemo(() => joined(found.data?.pages ?? []), [found.data]);
  if (!asks(filter)) {
    return (
      <Empty icon={<SearchIcon size={30} />} title={t`Search everything you may read`}>
        <p>{t`One Chinese character is enough. Names are found by pinyin and initials, too.`}</p>
      </Empty>
    );
  }
  if (found.isPending) return <Loading />;
  if (found.isError)
    return <Failed text={t`The search did not answer.`} onRetry={() => void found.refetch()} />;
  if (groups.length === 0) {
    return (
      <Empty icon={<SearchIcon size={30} />} title={t`Nothing found`}>
        <p>{t`Try fewer words, or fewer filters.`}</p>
      </Empty>
    );
  }
  return (
    <div aria-live="polite" className="flex flex-col gap-5">
      {groups.map((group) => (
        <Group
          key={group.kind}
          group={group}
          alone={filter.in !== undefined}
          onAll={() => onAll(group.kind)}
        />
      ))}
      {found.hasNextPage ? (
        <Button isPending={found.isFetchingNextPage} onPress={() => void found.fetchNextPage()}>
          {t`Show more`}
        </Button>
      ) : null}
    </div>
  );
}

function Group({ group, alone, onAll }: { group: FoundGroup; alone: boolean; onAll: () => void }) {
  const { t, i18n } = useLingui();
  const go = useGoing();
  const stations = useQuery(stationsQuery);
  const stationRooms = new Map(
    (stations.data ?? []).flatMap((s) => (s.room_id ? [[s.id, s.room_id] as const] : [])),
  );
  return (
    <section aria-label={i18n._(kindNames[group.kind])}>
      <header className="flex items-center justify-between gap-3 pb-1">
        <h2 className="font-medium text-ink-soft text-sm">{i18n._(kindNames[group.kind])}</h2>
        {alone || group.items.length < 5 ? null : (
          <Button small look="plain" onPress={onAll}>
            {t`Show all`}
          </Button>
        )}
      </header>
      {group.failed ? <p className="text-sm text-warn">{t`These could not be searched just now.`}</p> : null}
      <ul className="flex flex-col divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface">
        {group.items.map((hit, i) => {
          const target = targetOf(group.kind, hit, stationRooms);
          return (
            <li key={`${hit.id}-${hit.file?.id ?? i}`}>
              <button
                type="button"
                disabled={!target}
                onClick={() => target && go(target)}
                className="w-full px-3 py-2.5 text-left hover:bg-sunken focus-visible:-outline-offset-2"
              >
                <HitLine kind={group.kind} hit={hit} />
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
