import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft, BadgeCheck, Pencil } from "lucide-react";
import type { ReactNode } from "react";
import { Problem } from "../api/problem";
import type { Contact, ContactField } from "../api/types";
import { stationsQuery } from "../app/queries";
import { useZone } from "../app/session";
import { usePageTitle } from "../app/title";
import { currentLanguage, languageNames } from "../i18n/language";
import { clock, moment, weekday, zoneName } from "../time/format";
import { useNow } from "../time/useNow";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { Nowhere } from "../ui/Nowhere";
import { Failed, Loading } from "../ui/states";
import { NotForYou, OrganisationMark } from "./ContactsPage";
import { categoryName } from "./categories";
import { countryName } from "./country";
import { categoriesQuery, contactQuery } from "./queries";
import { fieldNames } from "./words";

/** One contact with everything that is known, and from where. */
export function ContactPage() {
  const { t } = useLingui();
  const { contact: id } = useParams({ from: "/inside/shell/contacts/$contact" });
  const contact = useQuery(contactQuery(id));
  if (contact.isPending) return <Loading />;
  if (contact.isError) {
    const status = contact.error instanceof Problem ? contact.error.status : 0;
    if (status === 403) return <NotForYou />;
    if (status === 404 || status === 422) return <Nowhere title={t`There is no such contact.`} />;
    return <Failed text={t`The contact could not be loaded.`} onRetry={() => void contact.refetch()} />;
  }
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-5 md:px-8 md:py-8">
      <Link to="/contacts" className="flex items-center gap-2 self-start text-accent text-sm">
        <ArrowLeft size={16} />
        {t`All contacts`}
      </Link>
      <Head contact={contact.data} />
      <About contact={contact.data} />
      <Facts contact={contact.data} />
      <Changed contact={contact.data} />
    </div>
  );
}

function Head({ contact }: { contact: Contact }) {
  const { t } = useLingui();
  usePageTitle(contact.name);
  const language = currentLanguage();
  const categories = useQuery(categoriesQuery);
  const named = (categories.data ?? []).filter((c) => contact.categories.includes(c.id));
  return (
    <header className="flex flex-wrap items-start gap-4">
      {contact.kind === "organisation" ? (
        <OrganisationMark size={60} />
      ) : (
        <Avatar name={contact.name} size={60} />
      )}
      <div className="flex min-w-48 flex-1 flex-col gap-1.5">
        <h1 className="font-semibold text-2xl">
          {contact.name}{" "}
          <span className="font-normal text-ink-faint text-lg">
            {contact.name_latin === contact.name ? "" : contact.name_latin}
          </span>
        </h1>
        {contact.title || contact.organisation_name ? <Work contact={contact} /> : null}
        <p className="flex flex-wrap gap-1.5">
          {named.map((c) => (
            <Badge key={c.id} tone="accent">
              {categoryName(c, language)}
            </Badge>
          ))}
          {contact.categories.length === 0 ? <Badge>{t`In no category`}</Badge> : null}
        </p>
      </div>
      <Link
        to="/contacts/$contact/edit"
        params={{ contact: contact.id }}
        className="inline-flex min-h-11 items-center gap-2 rounded-[10px] border border-line-strong/60 bg-surface px-4 font-medium hover:bg-sunken"
      >
        <Pencil size={18} />
        {t`Change`}
      </Link>
    </header>
  );
}

function Work({ contact }: { contact: Contact }) {
  return (
    <p className="text-ink-soft">
      {contact.title}
      {contact.title && contact.organisation_name ? " · " : ""}
      {contact.organisation_id ? (
        <Link
          to="/contacts/$contact"
          params={{ contact: contact.organisation_id }}
          className="text-accent underline-offset-4 hover:underline"
        >
          {contact.organisation_name}
        </Link>
      ) : (
        contact.organisation_name
      )}
    </p>
  );
}

function About({ contact }: { contact: Contact }) {
  const { t } = useLingui();
  const language = currentLanguage();
  const stations = useQuery({ ...stationsQuery, enabled: contact.station_id !== undefined });
  const station = stations.data?.find((s) => s.id === contact.station_id);
  const place = [contact.city, countryName(contact.country_code, language)].filter(Boolean).join(" · ");
  const spoken =
    contact.language === "zh-CN" || contact.language === "en" ? languageNames[contact.language] : "";
  return (
    <dl className="grid gap-x-8 gap-y-3 rounded-2xl border border-line bg-surface p-5 sm:grid-cols-2 md:p-6">
      <Item name={t`Located in`}>{place}</Item>
      <Item name={t`Time there`}>{contact.time_zone === "" ? "" : <Clock zone={contact.time_zone} />}</Item>
      <Item name={t`Language`}>{spoken}</Item>
      <Item name={t`Station`}>{station ? (language === "en" ? station.name_en : station.name) : ""}</Item>
      <Item name={t`Other names`}>{contact.aliases.join(language === "en" ? ", " : "、")}</Item>
      {contact.notes ? (
        <div className="sm:col-span-2">
          <Item name={t`Notes`}>
            <span className="whitespace-pre-wrap">{contact.notes}</span>
          </Item>
        </div>
      ) : null}
    </dl>
  );
}

/** A name and what it says; nothing at all when nothing is known. */
function Item({ name, children }: { name: string; children: ReactNode }) {
  if (children === "") return null;
  return (
    <div>
      <dt className="text-ink-faint text-sm">{name}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  );
}

function Clock({ zone }: { zone: string }) {
  const now = useNow(10_000);
  const language = currentLanguage();
  return (
    <span className="tabular">
      {weekday(now, zone, language)} {clock(now, zone, language)}{" "}
      <span className="text-ink-soft">{zoneName(zone, language)}</span>
    </span>
  );
}

function Facts({ contact }: { contact: Contact }) {
  const { t } = useLingui();
  if (contact.fields.length === 0) {
    return <p className="text-ink-soft">{t`No telephone number, address or other details yet.`}</p>;
  }
  return (
    <section className="flex flex-col gap-1 rounded-2xl border border-line bg-surface p-5 md:p-6">
      <h2 className="pb-1 font-semibold text-lg">{t`Details`}</h2>
      <ul className="flex flex-col divide-y divide-line">
        {contact.fields.map((f) => (
          <Fact key={f.id} field={f} />
        ))}
      </ul>
    </section>
  );
}

function Fact({ field }: { field: ContactField }) {
  const { t, i18n } = useLingui();
  return (
    <li className="grid gap-x-4 gap-y-0.5 py-3 sm:grid-cols-[8rem_1fr_auto]">
      <span className="text-ink-faint text-sm sm:pt-0.5">
        {field.label || i18n._(fieldNames[field.kind])}
      </span>
      <span className="select-text break-words">
        <Value field={field} />
      </span>
      <span className="flex flex-wrap items-center gap-x-3 text-sm sm:flex-col sm:items-end">
        {field.verified_at ? (
          <span className="tabular inline-flex items-center gap-1 text-good">
            <BadgeCheck size={14} />
            {t`Verified ${field.verified_at}`}
          </span>
        ) : (
          <span className="text-warn">{t`Not verified`}</span>
        )}
        <span className="text-ink-faint">
          {field.source ? t`Source: ${field.source}` : t`Source unknown`}
        </span>
      </span>
    </li>
  );
}

function Value({ field }: { field: ContactField }) {
  const href = field.kind === "phone" ? "tel:" : field.kind === "email" ? "mailto:" : undefined;
  if (href === undefined) return <span className="whitespace-pre-wrap">{field.value}</span>;
  const target = field.kind === "phone" ? field.value.replace(/[^+\d]/g, "") : field.value;
  return (
    <a href={href + target} className="text-accent underline-offset-4 hover:underline">
      {field.value}
    </a>
  );
}

function Changed({ contact }: { contact: Contact }) {
  const { t } = useLingui();
  const zone = useZone();
  const language = currentLanguage();
  const at = moment(new Date(contact.updated_at), zone, language);
  return (
    <p className="tabular text-ink-faint text-sm">{t`Last changed ${at} (${zoneName(zone, language)})`}</p>
  );
}
