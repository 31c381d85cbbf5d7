import type { Contact, ContactDraft, ContactFieldKind } from "../api/types";

/** One fact about a contact while it is being written. */
export interface FieldDraft {
  key: string;
  kind: ContactFieldKind;
  label: string;
  value: string;
  source: string;
  /** A date such as 2026-11-23, or nothing. */
  verified: string;
}

/** A contact as it is written into the form. */
export interface Draft {
  kind: Contact["kind"];
  name: string;
  nameLatin: string;
  aliases: string;
  title: string;
  /** With an id when the organisation has a record of its own. */
  organisation: { id: string; name: string };
  categories: readonly string[];
  country: string;
  city: string;
  station: string;
  language: "" | "zh-CN" | "en";
  timeZone: string;
  notes: string;
  fields: readonly FieldDraft[];
}

/** A contact of whom nothing is known yet. A station's people add to their own station. */
export function emptyDraft(station = ""): Draft {
  return {
    kind: "person",
    name: "",
    nameLatin: "",
    aliases: "",
    title: "",
    organisation: { id: "", name: "" },
    categories: [],
    country: "",
    city: "",
    station,
    language: "zh-CN",
    timeZone: "",
    notes: "",
    fields: [],
  };
}

/** A contact as a form that can be changed. */
export function draftOf(contact: Contact): Draft {
  return {
    kind: contact.kind,
    name: contact.name,
    nameLatin: contact.name_latin,
    aliases: contact.aliases.join("\n"),
    title: contact.title,
    organisation: { id: contact.organisation_id ?? "", name: contact.organisation_name },
    categories: [...contact.categories].sort(),
    country: contact.country_code,
    city: contact.city,
    station: contact.station_id ?? "",
    language: contact.language === "zh-CN" || contact.language === "en" ? contact.language : "",
    timeZone: contact.time_zone,
    notes: contact.notes,
    fields: contact.fields.map((f) => ({
      key: f.id,
      kind: f.kind,
      label: f.label,
      value: f.value,
      source: f.source,
      verified: f.verified_at ?? "",
    })),
  };
}

/** The fields that are sent: those that say something. */
export function sentFields(draft: Draft): readonly FieldDraft[] {
  return draft.fields.filter((f) => f.value.trim() !== "");
}

/** What the server is sent. */
export function bodyOf(draft: Draft): ContactDraft {
  const person = draft.kind === "person";
  const organisation = draft.organisation.name.trim();
  return {
    kind: draft.kind,
    name: draft.name.trim(),
    name_latin: draft.nameLatin.trim(),
    aliases: namesIn(draft.aliases),
    title: person ? draft.title.trim() : "",
    ...(person &&
      organisation !== "" &&
      draft.organisation.id !== "" && { organisation_id: draft.organisation.id }),
    organisation_name: person && draft.organisation.id === "" ? organisation : "",
    categories: [...draft.categories],
    country_code: draft.country,
    city: draft.city.trim(),
    ...(draft.station !== "" && { station_id: draft.station }),
    language: draft.language,
    time_zone: draft.timeZone,
    notes: draft.notes.trim(),
    fields: sentFields(draft).map((f) => ({
      kind: f.kind,
      label: f.label.trim(),
      value: f.value.trim(),
      source: f.source.trim(),
      ...(f.verified !== "" && { verified_at: f.verified }),
    })),
  };
}

function namesIn(text: string): string[] {
  return [...new Set(text.split("\n").map((name) => name.trim()))].filter((name) => name !== "");
}
