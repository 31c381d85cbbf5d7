import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import {
  Bell,
  BookUser,
  CalendarDays,
  House,
  MessagesSquare,
  MoreHorizontal,
  Search,
  Settings,
  UserCog,
} from "lucide-react";
import type { ReactNode } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { useStore } from "zustand";
import { currentLanguage } from "../i18n/language";
import { useNotices } from "../notices/useNotices";
import { Palette } from "../search/Palette";
import { usePalette } from "../search/usePalette";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { cx } from "../ui/cx";
import { Menu } from "../ui/Menu";
import { OfflineBar } from "../ui/states";
import { serverQuery } from "./queries";
import { useRooms, useSession } from "./session";

/** The page around the pages: navigation on the left, below on phones. */
export function Shell() {
  const { t } = useLingui();
  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-3"
      >
        {t`Skip to the content`}
      </a>
      <LinkBar />
      <div className="flex min-h-0 flex-1 flex-col-reverse md:flex-row">
        <Navigation />
        <main id="content" className="relative min-h-0 min-w-0 flex-1 overflow-y-auto">
          <Outlet />
        </main>
      </div>
      <Palette />
    </div>
  );
}

function LinkBar() {
  const { t } = useLingui();
  const { link } = useSession();
  const phase = useStore(link.state, (s) => (s.phase === "connecting" && s.attempt === 0 ? "open" : s.phase));
  const reason = useStore(link.state, (s) => (s.phase === "closed" ? s.reason : undefined));
  if (phase === "open") return null;
  if (reason === "version") return <OfflineBar text={t`A newer version is here. Please reload the page.`} />;
  return <OfflineBar text={t`No connection. What you write is kept and sent when it is back.`} />;
}

function Navigation() {
  const { t } = useLingui();
  const { account } = useSession();
  const server = useQuery(serverQuery);
  const unread = useRooms((s) => Object.values(s.heads).reduce((sum, h) => sum + h.unread, 0));
  const notices = useNotices();
  const name = currentLanguage() === "en" ? server.data?.name_en : server.data?.name_zh;
  const inChat = useLocation({ select: ({ pathname }) => /^\/rooms\/[^/]+/.test(pathname) });
  return (
    <nav
      aria-label={t`Main navigation`}
      className={cx(
        "shrink-0 border-t border-line bg-surface px-2 pb-[env(safe-area-inset-bottom)] md:flex md:w-60 md:flex-col md:border-t-0 md:border-r md:px-3 md:py-4",
        inChat ? "hidden" : "flex", // on a phone the chat has all the room, and a way back
      )}
    >
      <div className="hidden items-center gap-2.5 px-2 pb-5 md:flex">
        <img src="/icon.svg" alt="" width={30} height={30} />
        <div className="min-w-0">
          <p className="font-semibold leading-tight">{t`Yunqiao`}</p>
          <p className="truncate text-ink-faint text-xs" title={name}>
            {name}
          </p>
        </div>
      </div>
      <ul className="flex flex-1 justify-around gap-1 md:flex-col md:justify-start">
        <Entry to="/" icon={<House size={21} />} label={t`Home`} exact />
        <SearchEntry />
        <Entry to="/rooms" icon={<MessagesSquare size={21} />} label={t`Chats`} count={unread} />
        <Entry to="/notices" icon={<Bell size={21} />} label={t`Notices`} count={notices} wide />
        <Entry to="/meetings" icon={<CalendarDays size={21} />} label={t`Meetings`} />
        {account.role === "ambassador" ? null : (
          <Entry to="/contacts" icon={<BookUser size={21} />} label={t`Contacts`} />
        )}
        {account.role === "admin" ? (
          <Entry to="/accounts" icon={<UserCog size={21} />} label={t`Accounts`} wide />
        ) : null}
        <Entry to="/settings" icon={<Settings size={21} />} label={t`Settings`} wide />
        <MoreEntry notices={notices} />
      </ul>
      <div className="hidden items-center gap-2.5 px-2 pt-4 md:flex">
        <Avatar name={account.name} size={34} />
        <div className="min-w-0 flex-1">
          <p className="truncate">{account.name}</p>
          {server.data?.demo ? <Badge tone="warn">{t`Demo data`}</Badge> : null}
        </div>
      </div>
    </nav>
  );
}

/** Opens the search that goes anywhere; the keys are shown where there is a keyboard. */
function SearchEntry() {
  const { t } = useLingui();
  const show = usePalette((s) => s.show);
  const keys = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘K" : "Ctrl K";
  return (
    <li className="order-first hidden min-w-0 pb-2 md:block">
      <Plain
        onPress={() => show(true)}
        aria-keyshortcuts="Control+K Meta+K"
        className="flex min-h-11 w-full items-center gap-3 rounded-xl border border-line bg-sunken px-3 text-[15px] text-ink-soft"
      >
        <Search size={21} />
        <span className="flex-1 truncate text-left">{t`Search`}</span>
        <kbd className="rounded-md border border-line bg-surface px-1.5 font-sans text-ink-faint text-xs">
          {keys}
        </kbd>
      </Plain>
    </li>
  );
}

interface EntryProps {
  to: "/" | "/rooms" | "/notices" | "/meetings" | "/contacts" | "/accounts" | "/settings";
  icon: ReactNode;
  label: string;
  exact?: boolean;
  count?: number;
  /** Only where there is room: on phones it is under More. */
  wide?: boolean;
}

/** On phones: what found no place among the tabs. */
function MoreEntry({ notices }: { notices: number }) {
  const { t } = useLingui();
  const { account } = useSession();
  const navigate = useNavigate();
  const search = usePalette((s) => s.show);
  const go = (to: EntryProps["to"]) => () => void navigate({ to });
  const entries = [
    { id: "search", label: t`Search`, icon: <Search size={18} />, onAction: () => search(true) },
    {
      id: "notices",
      label: notices > 0 ? t`Notices (${notices})` : t`Notices`,
      icon: <Bell size={18} />,
      onAction: go("/notices"),
    },
    ...(account.role === "admin"
      ? [{ id: "accounts", label: t`Accounts`, icon: <UserCog size={18} />, onAction: go("/accounts") }]
      : []),
    { id: "settings", label: t`Settings`, icon: <Settings size={18} />, onAction: go("/settings") },
  ];
  return (
    <li className="min-w-0 flex-1 md:hidden">
      <Menu
        label={t`More`}
        entries={entries}
        trigger={
          <Plain className="relative flex min-h-14 w-full flex-col items-center justify-center gap-0.5 rounded-xl px-0.5 text-ink-soft text-xs">
            <MoreHorizontal size={21} />
            <span className="max-w-full truncate">{t`More`}</span>
            <Count count={notices} />
          </Plain>
        }
      />
    </li>
  );
}

/** How much is unread, beside the word or over the icon. */
function Count({ count }: { count: number | undefined }) {
  if (!count) return null;
  return (
    <span className="tabular absolute top-1 left-1/2 ml-1.5 min-w-5 rounded-full bg-danger px-1 text-center text-on-danger text-[11px] leading-5 md:static md:ml-0">
      {count > 99 ? "99+" : count}
    </span>
  );
}

function Entry({ to, icon, label, exact, count, wide }: EntryProps) {
  return (
    <li className={cx("min-w-0 flex-1 md:block md:flex-none", wide && "hidden")}>
      <Link
        to={to}
        activeOptions={{ exact: exact ?? false }}
        className="relative flex min-h-14 flex-col items-center justify-center gap-0.5 rounded-xl px-0.5 text-xs md:px-3 md:min-h-11 md:flex-row md:justify-start md:gap-3 md:text-[15px]"
        activeProps={{ className: "text-accent md:bg-accent-soft font-medium" }}
        inactiveProps={{ className: "text-ink-soft hover:bg-sunken" }}
      >
        {icon}
        <span className="max-w-full truncate md:flex-1">{label}</span>
        <Count count={count} />
      </Link>
    </li>
  );
}
