import { useEffect, useRef } from "react";
import { cx } from "../ui/cx";

interface Props {
  track: MediaStreamTrack | undefined;
  participant: string;
  source: "camera" | "screen";
  mirrored?: boolean;
  contain?: boolean;
  className?: string;
}

/** One picture. The element stays mounted; only its track changes. */
export function Video({ track, participant, source, mirrored, contain, className }: Props) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    video.srcObject = track ? new MediaStream([track]) : null;
    if (track) video.play().catch(() => undefined);
  }, [track]);
  return (
    <video
      ref={element}
      data-participant={participant}
      data-source={source}
      autoPlay
      playsInline
      muted
      tabIndex={-1}
      className={cx(
        "size-full",
        contain ? "object-contain" : "object-cover",
        mirrored && "-scale-x-100",
        className,
      )}
    />
  );
}
