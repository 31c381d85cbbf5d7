import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft, Download, Mic, Pause, Play, Volume2, VolumeX } from "lucide-react";
import { useState } from "react";
import type { Recording, RecordingFile } from "../api/types";
import { meetingQuery, recordingsQuery } from "../app/queries";
import { useZone } from "../app/session";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { elapsed, moment, zoneName } from "../time/format";
import { Avatar } from "../ui/Avatar";
import { cx } from "../ui/cx";
import { IconButton } from "../ui/IconButton";
import { Nowhere } from "../ui/Nowhere";
import { Select } from "../ui/Select";
import { Empty, Failed, Loading } from "../ui/states";
import { type Player, usePlayer } from "./usePlayer";
import { usePlayerKeys } from "./usePlayerKeys";

/** Plays a recording: everybody's file at once, in step. */
export function PlaybackPage() {
  const { t } = useLingui();
  const { meeting: id, recording: wanted } = useParams({
    from: "/inside/shell/recordings/$meeting/$recording",
  });
  const meeting = useQuery(meetingQuery(id));
  usePageTitle(meeting.data?.title);
  const recordings = useQuery(recordingsQuery(id));
  const zone = useZone();
  if (recordings.isPending || meeting.isPending) return <Loading />;
  if (recordings.isError || meeting.isError) {
    return <Failed text={t`The recording could not be loaded.`} onRetry={() => void recordings.refetch()} />;
  }
  const recording = recordings.data.find((r) => r.id === wanted);
  if (!recording) return <Nowhere title={t`This recording does not exist any more.`} />;
  const language = currentLanguage();
  return (
    <div className="mx-auto flex max-w-6xl flex-col gap-4 px-4 py-6 md:px-8">
      <header className="flex flex-col gap-1">
        <Link
          to="/meetings/$meeting"
          params={{ meeting: id }}
          className="flex items-center gap-2 self-start text-accent text-sm"
        >
          <ArrowLeft size={16} />
          {t`Back to the meeting`}
        </Link>
        <h1 className="font-semibold text-2xl">{meeting.data.title}</h1>
        <p className="tabular text-ink-soft">
          {t`Recorded ${moment(new Date(recording.started_at), zone, language)} ${zoneName(zone, language)}`}
        </p>
      </header>
      {recording.state === "recording" ? (
        <Empty title={t`This recording is still running. It can be played as soon as it is stopped.`} />
      ) : recording.files.length === 0 ? (
        <Empty title={t`Nobody had a microphone or a camera on while this was recorded.`} />
      ) : (
        <Stage recording={recording} />
      )}
    </div>
  );
}

function Stage({ recording }: { recording: Recording }) {
  const player = usePlayer(recording.files);
  usePlayerKeys(player);
  const screens = recording.files.filter((f) => f.kind === "screen");
  const people = recording.files.filter((f) => f.kind === "person");
  const sharing = screens.some((f) => player.present.has(f.id));
  return (
    <div data-theme="stage" className="flex flex-col gap-3 rounded-2xl bg-canvas p-3 text-ink">
      {screens.map((f) => (
        <Picture key={f.id} file={f} player={player} large />
      ))}
      <div
        className={cx(
          "grid gap-3",
          sharing
            ? "grid-cols-3 md:grid-cols-5"
            : people.length > 1
              ? "sm:grid-cols-2"
              : "mx-auto w-full max-w-3xl",
          !sharing && people.length > 4 && "lg:grid-cols-3",
        )}
      >
        {people.map((f) => (
          <Picture key={f.id} file={f} player={player} />
        ))}
      </div>
      <Controls player={player} />
      <Files files={recording.files} />
    </div>
  );
}

function Picture({ file, player, large }: { file: RecordingFile; player: Player; large?: boolean }) {
  const { t } = useLingui();
  const present = player.present.has(file.id);
  const [muted, setMuted] = useState(false);
  const [unplayable, setUnplayable] = useState(false);
  const label = file.kind === "screen" ? t`Shared screen of ${file.name}` : file.name;
  return (
    <figure
      className={cx(
        "relative aspect-video overflow-hidden rounded-xl bg-surface",
        file.kind === "screen" && !present && "hidden",
        large && "max-h-[52vh]",
      )}
      data-present={present || undefined}
    >
      <video
        ref={player.attach(file.id)}
        src={file.url}
        preload="auto"
        playsInline
        muted={muted}
        data-file={file.id}
        onError={(e) => setUnplayable(isUnplayable(e.currentTarget.error))}
        className={cx(
          "size-full",
          large ? "object-contain" : "object-cover",
          (unplayable || !(present && file.has_video)) && "invisible",
        )}
      />
      {unplayable ? <Unplayable file={file} /> : <Face file={file} present={present} />}
      {file.has_audio && !unplayable ? (
        <IconButton
          label={muted ? t`Hear ${label}` : t`Mute ${label}`}
          onPress={() => setMuted(!muted)}
          className="absolute top-2 right-2 size-9 rounded-full bg-black/55 text-white hover:bg-black/75 hover:text-white"
        >
          {muted ? <VolumeX size={16} /> : <Volume2 size={16} />}
        </IconButton>
      ) : null}
      <figcaption className="absolute bottom-2 left-2 flex items-center gap-1.5 rounded-lg bg-black/60 px-2 py-1 text-sm text-white">
        {file.has_audio && !file.has_video ? <Mic size={14} /> : null}
        {label}
      </figcaption>
    </figure>
  );
}

/** Who is heard without a picture, or not there at this moment. */
function Face({ file, present }: { file: RecordingFile; present: boolean }) {
  if (present && file.has_video) return null;
  return (
    <span className={cx("absolute inset-0 flex items-center justify-center", !present && "opacity-30")}>
      <Avatar name={file.name} size={64} />
    </span>
  );
}

/** A film that this browser has no decoder or no reader for: H264 in Matroska, outside Chromium. */
function Unplayable({ file }: { file: RecordingFile }) {
  const { t } = useLingui();
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-1 p-3 pb-10 text-center text-sm">
      <p role="status">{t`This browser cannot play this file.`}</p>
      <DownloadLink file={file} />
    </div>
  );
}

function isUnplayable(error: MediaError | null): boolean {
  return (
    error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED || error?.code === MediaError.MEDIA_ERR_DECODE
  );
}

function DownloadLink({ file }: { file: RecordingFile }) {
  const { t } = useLingui();
  return (
    <a
      href={`${file.url}?download=1`}
      download
      className="inline-flex min-h-9 items-center gap-2 rounded-lg px-2 text-accent hover:bg-sunken"
    >
      <Download size={16} />
      {t`Download`}
    </a>
  );
}

function Controls({ player }: { player: Player }) {
  const { t } = useLingui();
  const speeds = ["0.75", "1", "1.25", "1.5", "2"] as const;
  return (
    <div className="flex flex-wrap items-center gap-3">
      <IconButton label={player.playing ? t`Pause` : t`Play`} onPress={player.toggle} filled>
        {player.playing ? <Pause size={20} /> : <Play size={20} />}
      </IconButton>
      <span className="tabular text-sm" role="timer">
        {elapsed(player.clock)} / {elapsed(player.length)}
      </span>
      <input
        type="range"
        aria-label={t`Position`}
        aria-valuetext={elapsed(player.clock)}
        min={0}
        max={Math.max(1, Math.round(player.length))}
        step={100}
        value={Math.round(player.clock)}
        onChange={(e) => player.seek(Number(e.target.value))}
        className="min-w-40 flex-1 accent-accent"
      />
      <Select
        label={t`Speed`}
        hideLabel
        value={String(player.speed)}
        options={speeds.map((s) => ({ value: s, label: `${s}×` }))}
        onChange={(s) => player.setSpeed(Number(s))}
        className="w-24"
      />
      <label className="flex items-center gap-2">
        <Volume2 size={18} aria-hidden="true" />
        <span className="sr-only">{t`Volume`}</span>
        <input
          type="range"
          min={0}
          max={100}
          value={Math.round(player.volume * 100)}
          onChange={(e) => player.setVolume(Number(e.target.value) / 100)}
          className="w-24 accent-accent"
        />
      </label>
      {player.playing && player.buffering ? (
        <span className="text-ink-faint text-sm">{t`Loading…`}</span>
      ) : null}
    </div>
  );
}

function Files({ files }: { files: readonly RecordingFile[] }) {
  const { t } = useLingui();
  return (
    <details className="text-sm">
      <summary className="cursor-pointer py-2 text-ink-soft">{t`Single files`}</summary>
      <ul className="flex flex-col gap-1">
        {files.map((f) => (
          <li key={f.id} className="flex items-center gap-3">
            <span className="min-w-0 flex-1 truncate">
              {f.kind === "screen" ? t`Shared screen of ${f.name}` : f.name}
              <span className="tabular text-ink-faint"> {elapsed(f.duration_ms)}</span>
            </span>
            <DownloadLink file={f} />
          </li>
        ))}
      </ul>
    </details>
  );
}
