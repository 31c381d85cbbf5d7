import { useLingui } from "@lingui/react/macro";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { IconButton } from "../ui/IconButton";
import { useLive, useMeeting } from "./context";
import { type Area, type Box, grid, pageSize, speaker } from "./layout";
import { type Mode, mainTile, modeFor, pageOf, type StageTile, tilesOf, withMain } from "./stageTiles";
import { Tile } from "./Tile";

interface Props {
  mode: Mode | "automatic";
  pinned: string | undefined;
  onPin: (key: string | undefined) => void;
}

/** The tiles of the meeting, placed on whatever room there is. */
export function Stage({ mode, pinned, onPin }: Props) {
  const live = useLive();
  const { meeting } = useMeeting();
  const holder = useRef<HTMLElement>(null);
  const area = useArea(holder);
  const [page, setPage] = useState(0);
  const lastSpeaker = useLastSpeaker(live.speaking, live.me);
  const all = useMemo(() => tilesOf(live), [live]);
  const shown = modeFor(mode, all, pinned);
  const { placed, pages } = useMemo(() => {
    if (shown === "speaker") {
      const ordered = withMain(all, mainTile(all, pinned, lastSpeaker));
      return { placed: place(ordered, speaker(area, ordered.length)), pages: 1 };
    }
    const part = pageOf(all, page, pageSize(area));
    return { placed: place(part.tiles, grid(area, part.tiles.length)), pages: part.pages };
  }, [shown, all, area, pinned, lastSpeaker, page]);

  useEffect(() => {
    const tiles = placed.filter(({ tile }) => !tile.self);
    meeting.view(
      tiles.map(({ tile, box }) => ({
        participant: tile.participant,
        kind: tile.kind,
        width: Math.round(box.width),
        height: Math.round(box.height),
      })),
    );
  }, [meeting, placed]);

  // The order in the page stays that of arrival, so that laying out never moves an element.
  const stable = useMemo(() => [...placed].sort((a, b) => (a.tile.key < b.tile.key ? -1 : 1)), [placed]);
  return (
    <section ref={holder} className="relative min-h-0 min-w-0 flex-1 overflow-hidden" data-mode={shown}>
      {stable.map(({ tile, box }) => (
        <Tile
          key={tile.key}
          tile={tile}
          box={box}
          main={shown === "speaker" && tile.key === placed[0]?.tile.key}
          pinned={tile.key === pinned}
          onPin={() => onPin(tile.key === pinned ? undefined : tile.key)}
        />
      ))}
      {pages > 1 ? <Pages page={Math.min(page, pages - 1)} pages={pages} onPage={setPage} /> : null}
    </section>
  );
}

function Pages({ page, pages, onPage }: { page: number; pages: number; onPage: (page: number) => void }) {
  const { t } = useLingui();
  return (
    <div className="absolute inset-x-0 bottom-1 flex items-center justify-center gap-2 text-sm text-ink-soft">
      <IconButton label={t`Previous page`} isDisabled={page === 0} onPress={() => onPage(page - 1)}>
        <ChevronLeft size={20} />
      </IconButton>
      <span className="tabular">{t`Page ${page + 1} of ${pages}`}</span>
      <IconButton label={t`Next page`} isDisabled={page === pages - 1} onPress={() => onPage(page + 1)}>
        <ChevronRight size={20} />
      </IconButton>
    </div>
  );
}

function place(tiles: readonly StageTile[], boxes: readonly Box[]): { tile: StageTile; box: Box }[] {
  return tiles.flatMap((tile, i) => {
    const box = boxes[i];
    return box ? [{ tile, box }] : [];
  });
}

function useArea(holder: { current: HTMLElement | null }): Area {
  const [area, setArea] = useState<Area>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = holder.current;
    if (!element) return;
    const measure = () => setArea({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [holder]);
  return area;
}

/** Who spoke last, but for ourselves: the large picture stays when they pause. */
function useLastSpeaker(speaking: readonly string[], me: string): string | undefined {
  const [last, setLast] = useState<string>();
  const now = speaking.find((id) => id !== me);
  useEffect(() => {
    if (now) setLast(now);
  }, [now]);
  return last;
}
