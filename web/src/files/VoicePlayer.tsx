import { useLingui } from "@lingui/react/macro";
import { Pause, Play } from "lucide-react";
import { useRef, useState } from "react";
import { IconButton } from "../ui/IconButton";
import { toast } from "../ui/toast";
import { lengthText } from "./sizes";

interface Props {
  src: string;
  /** What recorders of browsers do not write into the file. */
  durationMs: number;
}

/** Plays a voice message: a button, how far it is, and how long it takes. */
export function VoicePlayer({ src, durationMs }: Props) {
  const { t } = useLingui();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const toggle = () => {
    const player = audio.current;
    if (!player) return;
    if (playing) return player.pause();
    stopOthers(player);
    player.play().catch(() => toast(t`The voice message could not be played.`, { tone: "danger" }));
  };
  const seek = (ms: number) => {
    setAt(ms);
    if (audio.current) audio.current.currentTime = ms / 1000;
  };
  return (
    <div
      className="flex min-w-48 max-w-72 items-center gap-2 py-0.5"
      data-voice={playing ? "playing" : "still"}
    >
      {/* biome-ignore lint/a11y/useMediaCaption: nobody writes captions while speaking */}
      <audio
        ref={audio}
        src={src}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => {
          setPlaying(false);
          setAt(0);
        }}
        onTimeUpdate={(e) => setAt(e.currentTarget.currentTime * 1000)}
      />
      <IconButton
        label={playing ? t`Pause` : t`Play the voice message`}
        onPress={toggle}
        className="size-9 rounded-full bg-accent text-on-accent hover:bg-accent-strong hover:text-on-accent"
      >
        {playing ? <Pause size={16} fill="currentColor" /> : <Play size={16} fill="currentColor" />}
      </IconButton>
      <input
        type="range"
        min={0}
        max={Math.max(1, durationMs)}
        step={100}
        value={Math.min(at, durationMs)}
        aria-label={t`Place in the voice message`}
        aria-valuetext={lengthText(at)}
        onChange={(e) => seek(Number(e.target.value))}
        className="h-6 min-w-0 flex-1 accent-accent"
      />
      <span className="tabular shrink-0 text-ink-soft text-sm">
        {lengthText(playing || at > 0 ? durationMs - at : durationMs)}
      </span>
    </div>
  );
}

/** Two voices at the same time are no help to anybody. */
function stopOthers(except: HTMLMediaElement): void {
  for (const player of document.querySelectorAll<HTMLMediaElement>("[data-voice] audio")) {
    if (player !== except) player.pause();
  }
}
