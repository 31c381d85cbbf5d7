import { useLingui } from "@lingui/react/macro";
import {
  Hand,
  Maximize,
  MicOff,
  Minimize,
  MonitorUp,
  Pin,
  PinOff,
  SignalLow,
  VideoOff,
  WifiOff,
} from "lucide-react";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useStore } from "zustand";
import { Avatar } from "../ui/Avatar";
import { cx } from "../ui/cx";
import type { Participant, Picture } from "../wire/messages";
import { useCheers } from "./cheers";
import { useLive, useMeeting, useMeetingStore } from "./context";
import type { Box } from "./layout";
import type { StageTile } from "./stageTiles";
import { isSending } from "./state";
import { Video } from "./Video";

interface Props {
  tile: StageTile;
  box: Box;
  /** The large one of the speaker view: there nobody at the edge of a room is cut off. */
  main: boolean;
  pinned: boolean;
  onPin: () => void;
}

/** One person or one shared screen. */
export function Tile({ tile, box, main, pinned, onPin }: Props) {
  const live = useLive();
  const participant = live.participants.find((p) => p.id === tile.participant);
  const { track, visible, withheld } = usePicture(tile);
  const label = useLabel(tile, participant?.name ?? "");
  const [chosen, setChosen] = useState<boolean>();
  if (!participant) return null;
  const person = tile.kind === "person";
  const speaking = person && live.speaking.includes(participant.id);
  const small = box.width < 200;
  const whole = !person || (chosen ?? main);
  return (
    <article
      aria-label={label}
      data-tile={tile.key}
      data-speaking={speaking || undefined}
      className={cx(
        "group absolute overflow-hidden rounded-xl bg-surface transition-[box-shadow]",
        speaking && "shadow-[inset_0_0_0_3px_var(--accent)]",
      )}
      style={{ left: box.left, top: box.top, width: box.width, height: box.height }}
    >
      {/* Below the picture: seen while there is none, or none has arrived yet. */}
      <div className="absolute inset-0 flex items-center justify-center text-ink-faint">
        {person ? (
          <Avatar name={participant.name} size={Math.min(96, box.height * 0.4)} />
        ) : (
          <MonitorUp size={Math.min(48, box.height * 0.4)} aria-hidden="true" />
        )}
      </div>
      <div
        className={cx(
          "absolute overflow-hidden rounded-[9px]",
          speaking ? "inset-[3px]" : "inset-0",
          visible && whole && "bg-black",
        )}
      >
        <Video
          track={track}
          participant={tile.participant}
          source={person ? "camera" : "screen"}
          mirrored={tile.self && person}
          contain={whole}
          className={visible ? "" : "invisible"}
        />
      </div>
      {participant.connection === "reconnecting" ? <Away small={small} /> : null}
      {withheld && participant.connection !== "reconnecting" ? (
        <Withheld why={withheld} small={small} />
      ) : null}
      {person ? <Signs participant={participant} /> : null}
      <Name tile={tile} label={label} small={small} />
      {tile.self ? null : <PinButton label={label} pinned={pinned} onPin={onPin} />}
      {person && visible && !small ? (
        <FitButton label={label} whole={whole} aside={!tile.self} onPress={() => setChosen(!whole)} />
      ) : null}
    </article>
  );
}

function useLabel(tile: StageTile, name: string): string {
  const { t } = useLingui();
  if (tile.kind === "screen") return t`Shared screen of ${name}`;
  return tile.self ? t`${name} (you)` : name;
}

/** Over the picture of somebody whose connection was lost: their place is kept. */
function Away({ small }: { small: boolean }) {
  const { t } = useLingui();
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-2 bg-black/60 text-white">
      <WifiOff size={24} />
      {small ? null : <span className="text-sm">{t`Coming back…`}</span>}
    </div>
  );
}

/** Why a picture that is sent does not come: the sound goes on. */
function Withheld({ why, small }: { why: Exclude<Picture, "playing">; small: boolean }) {
  const { t } = useLingui();
  const text =
    why === "paused"
      ? t`Slow network: the picture is paused, the sound goes on.`
      : t`This browser cannot show this picture. Another one, such as Chrome, can.`;
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-2 bg-black/60 p-3 text-center text-white">
      {why === "paused" ? (
        <SignalLow size={24} aria-hidden="true" />
      ) : (
        <VideoOff size={24} aria-hidden="true" />
      )}
      <span className={small ? "sr-only" : "max-w-72 text-balance text-sm"}>{text}</span>
    </div>
  );
}

/** A raised hand, and the emoji of the moment. */
function Signs({ participant }: { participant: Participant }) {
  const { t } = useLingui();
  const cheer = useCheers((s) => s.shown[participant.id]);
  return (
    <>
      {participant.hand_raised_at ? (
        <span className="absolute top-2 left-2 rounded-full bg-warn p-1.5 text-canvas">
          <Hand size={16} aria-label={t`Hand raised`} />
        </span>
      ) : null}
      {cheer ? (
        <span className="absolute inset-x-0 bottom-10 text-center text-5xl" aria-hidden="true">
          {cheer}
        </span>
      ) : null}
    </>
  );
}

/** A button in a tile's corner, and one that is seen while the tile is pointed at. */
const corner =
  "absolute top-2 flex size-9 items-center justify-center rounded-full bg-black/55 text-white transition-opacity";
const onlyPointedAt =
  "opacity-0 focus-visible:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100";

interface FitProps {
  label: string;
  whole: boolean;
  /** Another button stands in the corner. */
  aside: boolean;
  onPress: () => void;
}

/** Shows the whole picture, or fills the tile with its middle. */
function FitButton({ label, whole, aside, onPress }: FitProps) {
  const { t } = useLingui();
  return (
    <Button
      onPress={onPress}
      aria-label={whole ? t`Fill the tile with ${label}` : t`Show all of ${label}`}
      className={cx(corner, onlyPointedAt, aside ? "right-13" : "right-2")}
    >
      {whole ? <Maximize size={18} /> : <Minimize size={18} />}
    </Button>
  );
}

function PinButton({ label, pinned, onPin }: { label: string; pinned: boolean; onPin: () => void }) {
  const { t } = useLingui();
  return (
    <Button
      onPress={onPin}
      aria-label={pinned ? t`Unpin ${label}` : t`Pin ${label}`}
      className={cx(corner, "right-2", !pinned && onlyPointedAt)}
    >
      {pinned ? <PinOff size={16} /> : <Pin size={16} />}
    </Button>
  );
}

function Name({ tile, label, small }: { tile: StageTile; label: string; small: boolean }) {
  const { t } = useLingui();
  const live = useLive();
  const participant = live.participants.find((p) => p.id === tile.participant);
  if (!participant) return null;
  const muted = tile.kind === "person" && !isSending(participant, "microphone");
  return (
    <div
      className={cx(
        "absolute bottom-2 left-2 flex max-w-[calc(100%-1rem)] items-center gap-1.5 rounded-lg bg-black/60 px-2 py-1 text-white",
        small ? "text-xs" : "text-sm",
      )}
    >
      {tile.kind === "screen" ? <MonitorUp size={14} /> : null}
      {muted ? <MicOff size={14} className="shrink-0" aria-label={t`Microphone off`} /> : null}
      {participant.quality === "good" || tile.self ? null : (
        <SignalLow size={14} className="shrink-0" aria-label={t`Weak connection`} />
      )}
      <span className="truncate">{label}</span>
    </div>
  );
}

interface Shown {
  track: MediaStreamTrack | undefined;
  /** Whether there is a picture to show. */
  visible: boolean;
  /** Why one that is sent does not come. */
  withheld?: Exclude<Picture, "playing">;
}

/** The track that belongs in a tile, and what there is to see of it. */
function usePicture(tile: StageTile): Shown {
  const { meeting } = useMeeting();
  const live = useLive();
  const seats = useMeetingStore((s) => s.seats);
  const sendsCamera = useMeetingStore((s) => s.sending.camera);
  const camera = useStore(meeting.local.store, (s) => s.camera);
  if (tile.self) {
    const track = camera.phase === "on" && sendsCamera ? camera.track : undefined;
    return { track, visible: track !== undefined };
  }
  const seating = live.seats.find((s) => s.participant === tile.participant && s.kind === tile.kind);
  const track = seating ? seats[seating.seat]?.video : undefined;
  const participant = live.participants.find((p) => p.id === tile.participant);
  const sent =
    participant !== undefined && isSending(participant, tile.kind === "screen" ? "screen" : "camera");
  if (!seating || !sent || seating.picture === "playing")
    return { track, visible: track !== undefined && sent };
  // A paused picture stands still behind the words; one that cannot be decoded is none.
  return { track, visible: track !== undefined && seating.picture === "paused", withheld: seating.picture };
}
