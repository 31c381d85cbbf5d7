import { useLingui } from "@lingui/react/macro";
import { Volume2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { Button } from "../ui/Button";
import { useMeeting, useMeetingStore } from "./context";

/** The voices: one element for each seat, whatever is shown of its occupant. */
export function SeatAudio() {
  const { t } = useLingui();
  const seats = useMeetingStore((s) => s.seats);
  const [blocked, setBlocked] = useState(false);
  const holder = useRef<HTMLDivElement>(null);
  const unblock = () => {
    setBlocked(false);
    for (const audio of holder.current?.querySelectorAll("audio") ?? []) {
      audio.play().catch(() => setBlocked(true));
    }
  };
  return (
    <div ref={holder}>
      {seats.map((seat) => (
        <OneSeat key={seat.audio.id} track={seat.audio} onBlocked={() => setBlocked(true)} />
      ))}
      {blocked ? (
        <div className="fixed inset-x-0 top-16 z-30 flex justify-center">
          <Button look="primary" onPress={unblock}>
            <Volume2 size={18} />
            {t`Press to hear the others`}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function OneSeat({ track, onBlocked }: { track: MediaStreamTrack; onBlocked: () => void }) {
  const { meeting } = useMeeting();
  const speaker = useStore(meeting.local.store, (s) => s.chosen.speaker);
  const element = useRef<HTMLAudioElement>(null);
  const blocked = useRef(onBlocked);
  blocked.current = onBlocked;
  useEffect(() => {
    const audio = element.current;
    if (!audio) return;
    audio.srcObject = new MediaStream([track]);
    audio.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") blocked.current();
    });
    return () => {
      audio.srcObject = null;
    };
  }, [track]);
  useEffect(() => {
    const audio = element.current;
    // Older browsers always use the system's loudspeaker.
    if (audio && "setSinkId" in audio) audio.setSinkId(speaker).catch(() => undefined);
  }, [speaker]);
  // biome-ignore lint/a11y/useMediaCaption: live voices have no captions to offer
  return <audio ref={element} autoPlay data-seat />;
}
