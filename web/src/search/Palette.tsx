import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Clock, CornerDownLeft, FileSearch, Search } from "lucide-react";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { stationsQuery } from "../app/queries";
import { useSession } from "../app/session";
import { cx } from "../ui/cx";
import { Spinner } from "../ui/Spinner";
import { useRested } from "../ui/useRested";
import { HitLine, plain } from "./HitLine";
import { paletteQuery } from "./queries";
import { browserRecents } from "./recent";
import { nextChoice, type Page, type Recent, type Row, rowsOf } from "./rows";
import { useGoing } from "./useGoing";
import { isPaletteKey, usePalette } from "./usePalette";
import { kindNames, pageNames } from "./words";

/** The search that goes anywhere: Ctrl+K, or ⌘K. */
export function Palette() {
  const { t } = useLingui();
  const { open, show } = usePalette();
  useEffect(() => {
    const listen = (e: KeyboardEvent) => {
      if (e.isComposing || !isPaletteKey(e)) return;
      e.preventDefault(); // the browser's own search
      usePalette.getState().show(!usePalette.getState().open);
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
  return (
    <ModalOverlay
      isOpen={open}
      onOpenChange={show}
      isDismissable
      className="fixed inset-0 z-40 flex justify-center bg-shade sm:p-6 sm:pt-[10dvh]"
    >
      <Modal className="flex h-dvh w-full flex-col bg-surface text-ink shadow-lift sm:h-fit sm:max-h-[75dvh] sm:max-w-2xl sm:rounded-2xl">
        <Dialog aria-label={t`Search`} className="flex min-h-0 flex-col outline-none">
          <Inside onClose={() => show(false)} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Inside({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const [typed, setTyped] = useState("");
  const { rows, pending, recents } = useRows(typed);
  const [picked, setPicked] = useState<string>();
  const go = useGoing();
  const listId = useId();
  const found = rows.findIndex((r) => r.key === picked && r.kind !== "heading");
  const at = found >= 0 ? found : nextChoice(rows, -1, 1);
  const current = rows[at];
  const choose = (row: Row | undefined) => {
    if (!row || row.kind === "heading") return;
    const recent = remembered(row);
    if (recent) recents.add(recent);
    onClose();
    go(row.target);
  };
  const keyDown = (e: React.KeyboardEvent) => {
    // The Enter and the arrows of an input method are its own.
    if (e.nativeEvent.isComposing || e.keyCode === 229) return;
    const step = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : undefined;
    if (step === undefined && e.key !== "Enter") return;
    e.preventDefault();
    if (step === undefined) choose(current);
    else setPicked(rows[nextChoice(rows, at, step)]?.key);
  };
  return (
    <>
      <div className="flex items-center gap-3 border-b border-line px-4">
        {pending ? <Spinner size={20} /> : <Search size={20} className="shrink-0 text-ink-faint" />}
        <input
          // biome-ignore lint/a11y/noAutofocus: the dialog is there to be typed into
          autoFocus
          value={typed}
          maxLength={200}
          role="combobox"
          aria-label={t`Search everything`}
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={current ? `${listId}-${current.key}` : undefined}
          placeholder={t`People, chats, meetings, messages…`}
          onChange={(e) => setTyped(e.target.value)}
          onKeyDown={keyDown}
          className="h-14 min-w-0 flex-1 bg-transparent text-lg outline-none"
        />
        <button
          type="button"
          onClick={onClose}
          className="rounded-md border border-line px-2 py-1 text-ink-faint text-xs hover:bg-sunken"
        >
          {t`Close`}
        </button>
      </div>
      <Choices id={listId} rows={rows} current={current?.key} onPick={setPicked} onChoose={choose} />
    </>
  );
}

/** The lines for what was typed. Half a syllable of an input method is typed, too, but not searched for. */
function useRows(typed: string) {
  const { account } = useSession();
  const { text } = useRested(typed);
  const pages = usePages();
  const stations = useQuery(stationsQuery);
  const found = useQuery(paletteQuery(text));
  const recents = useMemo(() => browserRecents(localStorage, account.id), [account.id]);
  const recent = useMemo(() => recents.list(), [recents]);
  const stationRooms = useMemo(
    () => new Map((stations.data ?? []).flatMap((s) => (s.room_id ? [[s.id, s.room_id] as const] : []))),
    [stations.data],
  );
  const groups = typed.trim() === "" ? [] : (found.data?.groups ?? []);
  const rows = rowsOf({ text: typed, groups, pages, recent, stationRooms });
  return { rows, recents, pending: typed.trim() !== "" && (text !== typed.trim() || found.isFetching) };
}

function usePages(): Page[] {
  const { i18n } = useLingui();
  const { account } = useSession();
  return pageNames
    .filter(
      (p) =>
        p.for === "all" ||
        account.role === "admin" ||
        (p.for === "contacts" && account.role !== "ambassador"),
    )
    .map((p) => ({ path: p.path, title: i18n._(p.title), words: p.words }));
}

/** What is remembered of a choice; texts of messages are not. */
function remembered(row: Row): Recent | undefined {
  if (row.kind === "recent") return row.recent;
  if (row.kind !== "hit" || row.of === "messages" || row.of === "files") return undefined;
  return { title: plain(row.hit), of: row.of, target: row.target };
}

interface ChoicesProps {
  id: string;
  rows: readonly Row[];
  current: string | undefined;
  onPick: (key: string) => void;
  onChoose: (row: Row) => void;
}

function Choices({ id, rows, current, onPick, onChoose }: ChoicesProps) {
  const { t } = useLingui();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (current) list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <div
      ref={list}
      id={id}
      role="listbox"
      aria-label={t`What was found`}
      className="min-h-0 flex-1 overflow-y-auto p-2"
    >
      {rows.map((row) =>
        row.kind === "heading" ? (
          <Heading key={row.key} row={row} />
        ) : (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are taken by the field, which has the focus
          // biome-ignore lint/a11y/useFocusableInteractive: it is the field's active descendant
          <div
            key={row.key}
            id={`${id}-${row.key}`}
            role="option"
            aria-selected={row.key === current}
            onPointerMove={() => onPick(row.key)}
            onClick={() => onChoose(row)}
            className={cx(
              "flex min-h-12 cursor-pointer items-center gap-3 rounded-xl px-3 py-2",
              row.key === current && "bg-accent-soft",
            )}
          >
            <span className="min-w-0 flex-1">
              <Line row={row} />
            </span>
            {row.key === current ? <CornerDownLeft size={16} className="shrink-0 text-ink-faint" /> : null}
          </div>
        ),
      )}
    </div>
  );
}

function Heading({ row }: { row: Extract<Row, { kind: "heading" }> }) {
  const { t, i18n } = useLingui();
  const title =
    row.of === "pages"
      ? t`Go to`
      : row.of === "recent"
        ? t`Recently opened`
        : row.of === "search"
          ? ""
          : i18n._(kindNames[row.of]);
  return (
    <p role="presentation" className="px-3 pt-3 pb-1 font-medium text-ink-faint text-xs">
      {title}
      {row.failed ? <span className="pl-2 text-warn">{t`could not be searched just now`}</span> : null}
    </p>
  );
}

function Line({ row }: { row: Exclude<Row, { kind: "heading" }> }) {
  const { t } = useLingui();
  switch (row.kind) {
    case "hit":
      return <HitLine kind={row.of} hit={row.hit} />;
    case "page":
      return <span>{row.page.title}</span>;
    case "recent":
      return (
        <span className="flex items-center gap-3">
          <Clock size={16} className="shrink-0 text-ink-faint" />
          <span className="truncate">{row.recent.title}</span>
        </span>
      );
    case "more":
      return (
        <span className="flex items-center gap-3 text-accent">
          <FileSearch size={18} className="shrink-0" />
          <span className="truncate">{t`All results for “${row.q}”, with filters`}</span>
        </span>
      );
    default:
      return row satisfies never;
  }
}
