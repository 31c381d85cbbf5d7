import { useLingui } from "@lingui/react/macro";
import { BookUser, Building2, CalendarDays, FileText, MapPin, Users } from "lucide-react";
import type { ReactNode } from "react";
import type { FoundKind, Hit } from "../api/types";
import { useZone } from "../app/session";
import { FileMark } from "../files/FileMark";
import { sizeText } from "../files/sizes";
import { currentLanguage } from "../i18n/language";
import { moment, zoneName } from "../time/format";
import { Avatar } from "../ui/Avatar";
import { Marked } from "./Marked";

/** One find: what it is, what it is called with what was searched for marked, and where it is from. */
export function HitLine({ kind, hit }: { kind: FoundKind; hit: Hit }) {
  const language = currentLanguage();
  const english = language === "en";
  const title = english && hit.title_en ? hit.title_en : hit.title;
  const text = english && hit.text_en ? hit.text_en : (hit.text ?? []);
  const message = kind === "messages";
  return (
    <span className="flex min-w-0 items-center gap-3">
      <Mark kind={kind} hit={hit} />
      <span className="flex min-w-0 flex-1 flex-col">
        {message ? null : (
          <span className="truncate font-medium">
            <Marked pieces={title} />
          </span>
        )}
        {text.length > 0 ? (
          <span className={message ? "line-clamp-2 wrap-anywhere" : "truncate text-ink-soft text-sm"}>
            <Marked pieces={text} />
          </span>
        ) : null}
        {message && text.length === 0 && hit.file ? <span className="truncate">{hit.file.name}</span> : null}
        <Where hit={hit} english={english} />
      </span>
    </span>
  );
}

function Where({ hit, english }: { hit: Hit; english: boolean }) {
  const { t } = useLingui();
  const zone = useZone();
  const language = currentLanguage();
  if (!hit.at) return null;
  const shown = hit.time_zone ?? zone;
  const when = moment(new Date(hit.at), shown, language);
  const parts = [
    hit.author?.name,
    hit.room ? (english && hit.room.title_en ? hit.room.title_en : hit.room.title) : undefined,
    hit.time_zone ? `${when} ${zoneName(hit.time_zone, language)}` : when,
    hit.file && !hit.text ? sizeText(hit.file.size, language) : undefined,
    hit.sort === "draft" ? t`Draft` : undefined,
  ];
  return <span className="truncate text-ink-faint text-xs">{parts.filter(Boolean).join(" · ")}</span>;
}

function Mark({ kind, hit }: { kind: FoundKind; hit: Hit }): ReactNode {
  switch (kind) {
    case "people":
      return hit.sort === "account" ? (
        <Avatar name={plain(hit)} size={36} />
      ) : (
        <Sign>
          <MapPin size={18} />
        </Sign>
      );
    case "rooms":
      return hit.sort === "direct" ? (
        <Avatar name={plain(hit)} size={36} />
      ) : (
        <Sign>{hit.sort === "station" ? <MapPin size={18} /> : <Users size={18} />}</Sign>
      );
    case "contacts":
      return <Sign>{hit.sort === "organisation" ? <Building2 size={18} /> : <BookUser size={18} />}</Sign>;
    case "meetings":
      return (
        <Sign>
          <CalendarDays size={18} />
        </Sign>
      );
    case "minutes":
      return (
        <Sign>
          <FileText size={18} />
        </Sign>
      );
    case "messages":
      return <Avatar name={hit.author?.name ?? ""} size={36} />;
    case "files":
      return <FileMark name={hit.file?.name ?? ""} type={hit.file?.type ?? ""} />;
    default:
      return kind satisfies never;
  }
}

function Sign({ children }: { children: ReactNode }) {
  return (
    <span className="flex size-9 shrink-0 items-center justify-center rounded-lg bg-sunken text-ink-soft">
      {children}
    </span>
  );
}

/** What a find is called, without marks. */
export function plain(hit: Hit): string {
  return hit.title.map((p) => p.text).join("");
}
