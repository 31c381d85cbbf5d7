import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Pin, PinOff } from "lucide-react";
import { useEffect } from "react";
import { Button as Plain } from "react-aria-components/Button";
import type { PinnedMessage } from "../api/types";
import { queries } from "../app/queries";
import { useSession } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { shortDay } from "../time/format";
import { IconButton } from "../ui/IconButton";
import { Empty, Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { plain } from "./plain";
import { pinsQuery } from "./roomQueries";
import type { Scene } from "./scene";

/** Under a room's title: the newest pinned message, which leads to its place, and how many more there are. */
export function PinnedBar({ scene }: { scene: Scene }) {
  const { t } = useLingui();
  const { rooms } = useSession();
  const pins = useQuery(pinsQuery(scene.room.id));
  useKeptFresh(scene.room.id);
  const [newest] = pins.data ?? [];
  if (!newest) return null;
  const more = (pins.data?.length ?? 1) - 1;
  return (
    <div className="flex items-center gap-1 border-line border-b bg-surface pr-3 pl-2 text-sm md:px-4">
      <Plain
        aria-label={t`Pinned: ${`${newest.author.name}: ${wordsOf(newest, scene.zone)}`}`}
        className="flex min-h-10 min-w-0 flex-1 items-center gap-2 rounded-lg px-2 text-left hover:bg-sunken"
        onPress={() => {
          scene.chooseTopic("");
          void rooms.jump(scene.room.id, newest.seq);
        }}
      >
        <Pin size={15} aria-hidden="true" className="shrink-0 text-accent" />
        <span className="truncate">
          <span className="text-ink-soft">{newest.author.name}: </span>
          {wordsOf(newest, scene.zone)}
        </span>
      </Plain>
      <Plain
        className="flex min-h-10 shrink-0 items-center rounded-lg px-2 text-accent hover:bg-accent-soft"
        onPress={() => scene.show({ kind: "pins" })}
      >
        {more > 0 ? t`${more} more` : t`All pinned`}
      </Plain>
    </div>
  );
}

function wordsOf(pin: PinnedMessage, zone: string): string {
  const language = currentLanguage();
  return plain(language === "en" && pin.text_en ? pin.text_en : pin.text, zone, language) || "📎";
}

/** Every pin, and every change of what may be pinned, reads the list again. */
function useKeptFresh(room: string) {
  const { rooms } = useSession();
  useEffect(
    () =>
      rooms.hear((event) => {
        if (
          event.room !== room ||
          (event.kind !== "pinned" && event.kind !== "edited" && event.kind !== "deleted")
        )
          return;
        void queries.invalidateQueries({ queryKey: ["rooms", room, "pins"] });
      }),
    [rooms, room],
  );
}

/** All pinned messages of a room. */
export function PinList({ scene, onClose }: { scene: Scene; onClose: () => void }) {
  const { t } = useLingui();
  const { rooms } = useSession();
  const pins = useQuery(pinsQuery(scene.room.id));
  if (pins.isPending) return <Loading />;
  if (pins.isError)
    return <Failed text={t`The list could not be loaded.`} onRetry={() => void pins.refetch()} />;
  if (pins.data.length === 0) return <Empty icon={<Pin size={26} />} title={t`Nothing is pinned`} />;
  const mayUnpin = scene.room.manages || scene.room.kind === "direct";
  const go = (seq: number) => {
    onClose();
    scene.chooseTopic("");
    void rooms.jump(scene.room.id, seq);
  };
  const unpin = (id: string) =>
    rooms
      .pin(scene.room.id, id, false)
      .catch(() => toast(t`The message could not be unpinned.`, { tone: "danger" }));
  return (
    <ul className="flex flex-col gap-1">
      {pins.data.map((pin) => (
        <li key={pin.id} className="flex items-start gap-1">
          <Plain
            className="flex min-w-0 flex-1 flex-col rounded-xl px-2 py-2 text-left hover:bg-sunken"
            onPress={() => go(pin.seq)}
          >
            <span className="text-ink-faint text-xs">
              {pin.author.name} · {shortDay(new Date(pin.posted_at), scene.zone, currentLanguage())}
            </span>
            <span className="line-clamp-3 wrap-anywhere">{wordsOf(pin, scene.zone)}</span>
          </Plain>
          {mayUnpin && !scene.room.archived_at ? (
            <IconButton label={t`Unpin`} onPress={() => unpin(pin.id)}>
              <PinOff size={17} />
            </IconButton>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
