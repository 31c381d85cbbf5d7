import { useLingui } from "@lingui/react/macro";
import { Mic, MicOff, RotateCw, Video as VideoIcon, VideoOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { useStore } from "zustand";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import { DeviceChoice } from "./DeviceChoice";
import { Level } from "./Level";
import { keepChoices, keptChoices } from "./media/choices";
import type { Device, LocalMedia } from "./media/local";
import { Video } from "./Video";
import { bothDenied, problemWords } from "./words";

interface Props {
  local: LocalMedia;
  /** Who and what: stands beside the preview, on phones above it. */
  children: ReactNode;
  action: string;
  pending?: boolean;
  disabled?: boolean;
  onEnter: (want: { microphone: boolean; camera: boolean }) => void;
}

/**
 * The look into the mirror before a meeting: picture, microphone level, what to send. On a phone what the meeting
 * is and the way in come first, without scrolling.
 */
export function PreJoin({ local, children, action, pending, disabled, onEnter }: Props) {
  const [want, setWant] = useState(() => {
    const kept = keptChoices();
    return { microphone: kept.microphoneOn, camera: kept.cameraOn };
  });
  // The choice of the first look decides what is started; later ones start or stop by themselves.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only once for a visit
  useEffect(() => {
    void local.start("microphone");
    if (want.camera) void local.start("camera");
  }, [local]);
  const change = (device: Device, on: boolean) => {
    setWant((w) => ({ ...w, [device]: on }));
    keepChoices(device === "microphone" ? { microphoneOn: on } : { cameraOn: on });
    if (on && local.store.getState()[device].phase !== "on") void local.start(device);
    if (!on && device === "camera") local.stop("camera");
  };
  return (
    <div className="mx-auto grid w-full max-w-5xl items-start gap-6 px-4 py-5 md:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)] md:gap-8 md:px-8 md:py-10">
      <div className="flex flex-col gap-5 md:col-start-2 md:row-span-2 md:row-start-1 md:gap-6">
        {children}
        <Button
          look="primary"
          wide
          isPending={pending ?? false}
          isDisabled={disabled ?? false}
          onPress={() => onEnter(want)}
          className="min-h-12 text-base"
        >
          {action}
        </Button>
      </div>
      <div className="flex flex-col gap-4 md:col-start-1 md:row-start-1">
        <Preview local={local} want={want} onChange={change} />
        <MicrophoneLevel local={local} sent={want.microphone} />
        <Problems local={local} />
      </div>
      <DeviceChoice local={local} />
    </div>
  );
}

/** Shows that the microphone hears: what people most often want to know before a meeting. */
function MicrophoneLevel({ local, sent }: { local: LocalMedia; sent: boolean }) {
  const { t } = useLingui();
  const on = useStore(local.store, (s) => s.microphone.phase === "on");
  if (!on) return null;
  if (!sent) {
    return (
      <p className="flex items-center gap-3 text-ink-faint text-sm">
        <MicOff size={16} className="shrink-0" />
        {t`Your microphone is off. Switch it on to try it; you can also do so in the meeting.`}
      </p>
    );
  }
  return (
    <div className="flex items-center gap-3 text-ink-faint text-sm">
      <Mic size={16} className="shrink-0" />
      <div className="w-28 shrink-0">
        <Level local={local} label={t`Microphone level`} />
      </div>
      <p>{t`Say something: the bar should move.`}</p>
    </div>
  );
}

interface PreviewProps {
  local: LocalMedia;
  want: { microphone: boolean; camera: boolean };
  onChange: (device: Device, on: boolean) => void;
}

function Preview({ local, want, onChange }: PreviewProps) {
  const { t } = useLingui();
  const camera = useStore(local.store, (s) => s.camera);
  const microphoneWorks = useStore(local.store, (s) => s.microphone.phase !== "problem");
  const track = camera.phase === "on" ? camera.track : undefined;
  // What does not work is not shown as on; pressing it tries again.
  const microphoneOn = want.microphone && microphoneWorks;
  const cameraOn = want.camera && camera.phase !== "problem";
  return (
    <div data-theme="stage" className="relative aspect-video overflow-hidden rounded-2xl bg-canvas text-ink">
      <Video track={track} participant="me" source="camera" mirrored className={track ? "" : "invisible"} />
      {track ? null : (
        <p className="absolute inset-0 flex items-center justify-center text-ink-soft">
          {camera.phase === "starting" ? t`The camera is starting…` : t`Your camera is off`}
        </p>
      )}
      <div className="absolute inset-x-0 bottom-0 flex justify-center gap-3 bg-gradient-to-t from-black/60 to-transparent p-4">
        <Toggle
          on={microphoneOn}
          onChange={(on) => onChange("microphone", on)}
          label={t`Microphone`}
          state={microphoneOn ? t`Microphone on` : t`Microphone off`}
        >
          {microphoneOn ? <Mic size={20} /> : <MicOff size={20} />}
        </Toggle>
        <Toggle
          on={cameraOn}
          onChange={(on) => onChange("camera", on)}
          label={t`Camera`}
          state={cameraOn ? t`Camera on` : t`Camera off`}
        >
          {cameraOn ? <VideoIcon size={20} /> : <VideoOff size={20} />}
        </Toggle>
      </div>
    </div>
  );
}

interface ToggleProps {
  on: boolean;
  onChange: (on: boolean) => void;
  label: string;
  /** What is so now, in words: a lone "off" reads as what pressing it does. */
  state: string;
  children: ReactNode;
}

function Toggle({ on, onChange, label, state, children }: ToggleProps) {
  return (
    <ToggleButton
      isSelected={on}
      onChange={onChange}
      aria-label={label}
      className={cx(
        "flex min-h-12 items-center gap-2 rounded-full px-4 font-medium",
        on ? "bg-white/90 text-black" : "bg-danger text-on-danger",
      )}
    >
      {children}
      <span>{state}</span>
    </ToggleButton>
  );
}

function Problems({ local }: { local: LocalMedia }) {
  const { t, i18n } = useLingui();
  const states = useStore(local.store);
  const found = (["microphone", "camera"] as const).flatMap((device) => {
    const state = states[device];
    return state.phase === "problem" ? [{ device, problem: state.problem }] : [];
  });
  if (found.length === 2 && found.every((f) => f.problem === "denied")) {
    return (
      <div aria-live="polite" className="flex items-start gap-3 rounded-xl bg-warn-soft px-4 py-3 text-ink">
        <p className="flex-1">{i18n._(bothDenied)}</p>
        <Button small onPress={() => void Promise.all(found.map((f) => local.start(f.device)))}>
          <RotateCw size={16} />
          {t`Try again`}
        </Button>
      </div>
    );
  }
  return (
    <div aria-live="polite" className="flex flex-col gap-3">
      {found.map(({ device, problem }) => (
        <div key={device} className="flex items-start gap-3 rounded-xl bg-warn-soft px-4 py-3 text-ink">
          <p className="flex-1">{i18n._(problemWords(device, problem))}</p>
          <Button small onPress={() => void local.start(device)}>
            <RotateCw size={16} />
            {t`Try again`}
          </Button>
        </div>
      ))}
    </div>
  );
}
