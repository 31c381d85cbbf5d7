import { useLingui } from "@lingui/react/macro";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { BookUser, Building2, Plus } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { VList, type VListHandle } from "virtua";
import { Problem } from "../api/problem";
import type { Category, ContactRow } from "../api/types";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { Field } from "../ui/Field";
import { Nowhere } from "../ui/Nowhere";
import { Select } from "../ui/Select";
import { Empty, Failed, Loading } from "../ui/states";
import { useRested } from "../ui/useRested";
import { categoryName } from "./categories";
import { countryName, countryOptions } from "./country";
import { asFilter, type ContactFilter } from "./filter";
import { categoriesQuery, contactsQuery } from "./queries";

/** The address book: one search box, three filters, and a list without end. */
export function ContactsPage() {
  const { t } = useLingui();
  usePageTitle(t`Contacts`);
  const search = useSearch({ from: "/inside/shell/contacts" });
  const filter = useMemo(() => asFilter(search), [search]);
  const navigate = useNavigate();
  const set = (part: { [N in keyof ContactFilter]: ContactFilter[N] | undefined }) =>
    void navigate({ to: "/contacts", search: asFilter({ ...filter, ...part }), replace: true });
  const contacts = useInfiniteQuery(contactsQuery(filter));
  const total = contacts.data?.pages[0]?.total;
  if (contacts.error instanceof Problem && contacts.error.status === 403) return <NotForYou />;
  return (
    <div className="mx-auto flex h-full max-w-5xl flex-col gap-4 px-4 pt-5 md:px-8 md:pt-8">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <div className="flex items-baseline gap-3">
          <h1 className="font-semibold text-2xl">{t`Contacts`}</h1>
          <p className="tabular text-ink-faint" aria-live="polite">
            {total === undefined ? "" : t`${total} in all`}
          </p>
        </div>
        <Link
          to="/contacts/new"
          className="inline-flex min-h-11 items-center gap-2 rounded-[10px] bg-accent px-4 font-medium text-on-accent hover:bg-accent-strong"
        >
          <Plus size={18} />
          {t`New contact`}
        </Link>
      </header>
      <div className="flex flex-col gap-2 xl:flex-row">
        <SearchBox value={filter.q ?? ""} onChange={(q) => set({ q })} />
        <Filters filter={filter} set={set} />
      </div>
      {contacts.isPending ? <Loading /> : null}
      {contacts.isError ? (
        <Failed text={t`The contacts could not be loaded.`} onRetry={() => void contacts.refetch()} />
      ) : null}
      {total === 0 ? (
        <NoContacts filtered={Object.keys(filter).length > 0} />
      ) : (
        <Rows
          key={JSON.stringify(filter)}
          rows={contacts.data?.pages.flatMap((p) => p.items) ?? []}
          more={contacts.hasNextPage && !contacts.isFetchingNextPage}
          onMore={() => void contacts.fetchNextPage()}
        />
      )}
    </div>
  );
}

function NoContacts({ filtered }: { filtered: boolean }) {
  const { t } = useLingui();
  return filtered ? (
    <Empty icon={<BookUser size={30} />} title={t`Nobody found`}>
      <p>{t`Try fewer letters, initials, or no filter.`}</p>
    </Empty>
  ) : (
    <Empty icon={<BookUser size={30} />} title={t`There are no contacts yet`}>
      <p>{t`Add the first one, for instance from a visiting card.`}</p>
    </Empty>
  );
}

/** What people see who may not read contacts. */
export function NotForYou() {
  const { t } = useLingui();
  return <Nowhere title={t`Contacts are for the staff and for stations.`} />;
}

function SearchBox({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const { t } = useLingui();
  const [typed, setTyped] = useState(value);
  const { text, field } = useRested(typed);
  const change = useRef(onChange);
  change.current = onChange;
  // Only what was typed here is told on; the address may change for other reasons.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the value is compared, not followed
  useEffect(() => {
    if (text !== value) change.current(text);
  }, [text]);
  return (
    <Field
      className="min-w-0 flex-1"
      label={t`Search by name, pinyin or initials`}
      hideLabel
      type="search"
      placeholder={t`Search by name, pinyin or initials`}
      value={typed}
      onChange={setTyped}
      {...field}
      autoComplete="off"
    />
  );
}

interface FilterProps {
  filter: ContactFilter;
  set: (part: { [N in keyof ContactFilter]: ContactFilter[N] | undefined }) => void;
}

function Filters({ filter, set }: FilterProps) {
  const { t } = useLingui();
  const language = currentLanguage();
  const categories = useQuery(categoriesQuery);
  const countries = useMemo(() => countryOptions(language), [language]);
  return (
    <div className="grid grid-cols-3 gap-2 xl:w-[30rem]">
      <Select
        label={t`Type`}
        hideLabel
        value={filter.kind ?? ""}
        options={[
          { value: "", label: t`All kinds` },
          { value: "person", label: t`People` },
          { value: "organisation", label: t`Organisations` },
        ]}
        onChange={(kind) => set({ kind: kind === "" ? undefined : kind })}
      />
      <Select
        label={t`Category`}
        hideLabel
        value={filter.category ?? ""}
        options={[
          { value: "", label: t`All categories` },
          ...(categories.data ?? []).map((c) => ({
            value: c.id,
            label: `${categoryName(c, language)} (${c.count})`,
          })),
          { value: "none", label: t`In no category` },
        ]}
        onChange={(category) => set({ category })}
      />
      <Select
        label={t`Country or region`}
        hideLabel
        value={filter.country ?? ""}
        options={[{ value: "", label: t`All countries` }, ...countries]}
        onChange={(country) => set({ country })}
      />
    </div>
  );
}

interface RowsProps {
  rows: readonly ContactRow[];
  more: boolean;
  onMore: () => void;
}

/** How far from the end, in pixels, the next page is asked for. */
const ahead = 1200;

/** Pixels of a row with its line. */
const rowHeight = 73;

function Rows({ rows, more, onMore }: RowsProps) {
  const { t } = useLingui();
  const list = useRef<VListHandle>(null);
  const categories = useQuery(categoriesQuery);
  const onScroll = () => {
    const at = list.current;
    if (more && at && at.scrollOffset + at.viewportSize > at.scrollSize - ahead) onMore();
  };
  return (
    // A few stand on a panel of their own height, many on one that goes on below.
    <div
      className="mb-4 min-h-0 flex-1 overflow-hidden rounded-2xl border border-line bg-surface"
      style={more ? undefined : { maxHeight: rows.length * rowHeight + 1 }}
    >
      <VList
        ref={list}
        itemSize={rowHeight}
        onScroll={onScroll}
        aria-label={t`Contacts`}
        role="list"
        tabIndex={0}
      >
        {rows.map((row) => (
          <Row key={row.id} row={row} categories={categories.data ?? []} />
        ))}
      </VList>
    </div>
  );
}

function Row({ row, categories }: { row: ContactRow; categories: readonly Category[] }) {
  const language = currentLanguage();
  const place = [row.city, countryName(row.country_code, language)].filter(Boolean).join(" · ");
  const work = [row.title, row.organisation_name].filter(Boolean).join(" · ");
  const named = categories.filter((c) => row.categories.includes(c.id));
  return (
    // biome-ignore lint/a11y/useSemanticElements: the virtual list puts elements of its own around each row
    <div role="listitem" className="border-line border-b">
      <Link
        to="/contacts/$contact"
        params={{ contact: row.id }}
        className="flex min-h-[72px] items-center gap-3 px-4 py-2 -outline-offset-2 hover:bg-sunken md:px-5"
      >
        {row.kind === "organisation" ? <OrganisationMark /> : <Avatar name={row.name} />}
        <span className="min-w-0 flex-1">
          <span className="block truncate">
            <span className="font-medium">{row.name}</span>{" "}
            <span className="text-ink-faint text-sm">
              {row.name_latin === row.name ? "" : row.name_latin}
            </span>
          </span>
          <span className="block truncate text-ink-soft text-sm">{work || place}</span>
        </span>
        <span className="hidden max-w-56 flex-wrap justify-end gap-1 sm:flex">
          {named.slice(0, 2).map((c) => (
            <Badge key={c.id}>{categoryName(c, language)}</Badge>
          ))}
          {named.length > 2 ? <Badge>+{named.length - 2}</Badge> : null}
        </span>
        {work === "" ? null : (
          <span className="hidden w-44 truncate text-right text-ink-faint text-sm md:block">{place}</span>
        )}
      </Link>
    </div>
  );
}

/** The mark of an organisation, where people have their initials. */
export function OrganisationMark({ size = 36 }: { size?: number }) {
  return (
    <span
      aria-hidden="true"
      className="flex shrink-0 items-center justify-center rounded-[10px] bg-sunken text-ink-soft"
      style={{ width: size, height: size }}
    >
      <Building2 size={size * 0.5} />
    </span>
  );
}
