import { useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import { toast, useToasts } from "../ui/toast";
import { useCheers } from "./cheers";
import { useMeeting } from "./context";
import type { Meeting } from "./controller";
import type { Device } from "./media/local";
import { lostWords, sourceWords } from "./words";

/** Tells what the meeting notes: mutes, requests, cheers. */
export function useNotes(): void {
  const { meeting } = useMeeting();
  const { t, i18n } = useLingui();
  const cheer = useCheers((s) => s.show);
  useEffect(() => {
    const ask = (device: Device, text: string, label: string) => {
      if (meeting.store.getState().sending[device]) return;
      const action = { label, run: () => meeting.toggle(device, true) };
      const asked = useToasts.getState().show(text, { stay: true, action });
      onceOn(meeting, device, () => useToasts.getState().dismiss(asked));
    };
    return meeting.onNote((note) => {
      switch (note.kind) {
        case "cheered":
          return cheer(note.participant, note.emoji);
        case "muted": {
          const what = i18n._(sourceWords[note.source]);
          return toast(note.by ? t`${note.by} switched off: ${what}` : t`Switched off by the host: ${what}`);
        }
        case "unmute_asked":
          return note.source === "camera"
            ? ask("camera", t`${note.by} would like to see you.`, t`Start video`)
            : ask("microphone", t`${note.by} would like to hear you.`, t`Unmute`);
        case "recording_stopped":
          return toast(t`The recording stopped while you were reconnecting.`, {
            tone: "danger",
            stay: true,
          });
        case "screen_failed":
          return toast(t`The screen could not be shared.`, { tone: "danger" });
        default:
          note satisfies never;
      }
    });
  }, [meeting, cheer, t, i18n]);
}

/** A request is over once its device is on, whichever button did it, and once we are out. */
function onceOn(meeting: Meeting, device: Device, then: () => void): void {
  const stop = meeting.store.subscribe(({ sending, at }) => {
    if (!sending[device] && at.phase === "in") return;
    stop();
    then();
  });
}

/** Tells why a microphone or a camera that was switched on during the meeting does not work. */
export function useDeviceProblems(): void {
  const { meeting } = useMeeting();
  const { i18n } = useLingui();
  useEffect(
    () =>
      meeting.local.store.subscribe((now, before) => {
        for (const device of ["microphone", "camera"] as const) {
          const state = now[device];
          if (state === before[device] || state.phase !== "problem") continue;
          toast(i18n._(lostWords(device, state.problem)), { tone: "danger" });
        }
      }),
    [meeting, i18n],
  );
}

/** Says once in a while that the microphone is off when somebody speaks into it. */
export function useMutedHint(): void {
  const { meeting } = useMeeting();
  const { t } = useLingui();
  useEffect(() => {
    let loud = 0;
    let told = 0;
    const timer = setInterval(() => {
      const off = !meeting.store.getState().sending.microphone;
      loud = off && meeting.local.level() > 0.62 ? loud + 1 : 0;
      if (loud < 4 || Date.now() - told < 60_000) return;
      told = Date.now();
      toast(t`Your microphone is off: nobody hears you.`, {
        action: { label: t`Unmute`, run: () => meeting.toggle("microphone", true) },
      });
    }, 250);
    return () => clearInterval(timer);
  }, [meeting, t]);
}
