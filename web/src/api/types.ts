import type { Person } from "../wire/messages";

export type Language = "zh-CN" | "en";

/** What everybody may know about this installation. */
export interface Server {
  name_zh: string;
  name_en: string;
  version: string;
  demo: boolean;
  setup_needed: boolean;
  mail: boolean;
  reference_zone: string;
  demo_accounts?: { user_name: string; password: string; role: AccountRole; name: string }[] | null;
}

export type AccountRole = "admin" | "staff" | "station" | "ambassador";

export interface Account {
  id: string;
  name: string;
  user_name: string;
  email: string;
  role: AccountRole;
  language: Language;
  time_zone: string;
  station_id?: string | null;
  disabled: boolean;
  created_at: string;
}

/** A place where an account is signed in. */
export interface Session {
  id: string;
  current: boolean;
  device: string;
  address: string;
  created_at: string;
  seen_at: string;
}

/** What a guest's link opens. */
export interface Invitation {
  meeting_id: string;
  room_id: string;
  title: string;
  host_name: string;
  organisation_zh: string;
  organisation_en: string;
  starts_at: string;
  ends_at: string;
  time_zone: string;
  guest_name: string;
  language: Language;
  may_be_recorded: boolean;
  state: "planned" | "live" | "ended" | "cancelled";
}

export interface GuestSession {
  guest: Person;
  invitation: Invitation;
}

export type RoomKind = "station" | "group" | "direct" | "meeting";

export interface Room {
  id: string;
  kind: RoomKind;
  title: string;
  title_en: string;
  station_id?: string | null;
  meeting_id?: string | null;
  counterpart?: Person | null;
  member_count: number;
  seq: number;
  read: number;
  unread: number;
  last?: { author: Person; text: string; posted_at: string; deleted: boolean } | null;
  live: boolean;
  live_participants: number;
}

export interface Member {
  person: Person;
  role: "owner" | "member";
  read: number;
  account_role: AccountRole;
}

export interface RoomDetail extends Room {
  members: Member[];
}

export interface OfficeHours {
  /** Monday is 1 (ISO 8601). */
  day: number;
  from: string;
  to: string;
}

export interface Station {
  id: string;
  name: string;
  name_en: string;
  city: string;
  city_en: string;
  country: string;
  country_en: string;
  country_code: string;
  time_zone: string;
  office_hours: OfficeHours[];
  room_id: string;
  accounts: Person[];
}

export interface AgendaItem {
  id: string;
  title: string;
  minutes: number;
}

export interface Invitee {
  id: string;
  kind: "account" | "station" | "contact" | "address";
  ref?: string | null;
  name: string;
  email?: string | null;
  language: Language;
  time_zone: string;
  response: "unknown" | "accepted" | "declined";
  guest: boolean;
  link_state?: "active" | "revoked" | "expired" | null;
}

/** A meeting before, during and after it. */
export interface Meeting {
  id: string;
  room_id: string;
  title: string;
  agenda: AgendaItem[];
  host: Person;
  starts_at: string;
  ends_at: string;
  time_zone: string;
  state: "planned" | "live" | "ended" | "cancelled";
  spontaneous: boolean;
  sequence: number;
  may_be_recorded: boolean;
  note: string;
  invitees: Invitee[];
  recordings: number;
  minutes?: { id: string; state: "draft" | "review" | "signed"; number?: string | null } | null;
  may: { edit: boolean; moderate: boolean; write_minutes: boolean; delete_recordings: boolean };
}
