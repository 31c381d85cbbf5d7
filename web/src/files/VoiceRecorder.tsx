import { useLingui } from "@lingui/react/macro";
import { Mic, SendHorizontal, Square, Trash2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { IconButton } from "../ui/IconButton";
import { toast } from "../ui/toast";
import { createRecorder, type Recorder, type Recording } from "./recorder";
import { lengthText } from "./sizes";
import { VoicePlayer } from "./VoicePlayer";

interface Props {
  recorder: Recorder;
  onSend: (content: Blob, durationMs: number) => void;
}

/** A recorder for as long as its room is on screen. */
export function useRecorder(): { recorder: Recorder; busy: boolean } {
  const { t } = useLingui();
  const recorder = useMemo(() => createRecorder(), []);
  const state = useStore(recorder.store);
  useEffect(() => recorder.cancel, [recorder]);
  useEffect(() => {
    if (state.phase !== "failed") return;
    const text = state.denied
      ? t`The browser does not allow the microphone. Allow it in the address bar and try again.`
      : t`No microphone was found.`;
    toast(text, { tone: "danger" });
    recorder.cancel();
  }, [state, recorder, t]);
  return { recorder, busy: state.phase === "recording" || state.phase === "heard" };
}

/** Begins a voice message: press once and speak, press again to end. */
export function VoiceButton({ recorder }: { recorder: Recorder }) {
  const { t } = useLingui();
  const asking = useStore(recorder.store, (s) => s.phase === "asking");
  if (typeof MediaRecorder === "undefined") return null;
  return (
    <IconButton
      label={t`Voice message`}
      isDisabled={asking}
      onPress={() => void recorder.start()}
      className="size-11"
    >
      <Mic size={20} />
    </IconButton>
  );
}

/** The line that stands in for the text while a voice message is made: recording, then listening, then sending. */
export function VoiceLine({ recorder, onSend }: Props) {
  const { t } = useLingui();
  const state = useStore(recorder.store);
  const heard = state.phase === "heard" ? state : undefined;
  const send = () => {
    if (!heard) return;
    onSend(heard.content, heard.durationMs);
    recorder.cancel();
  };
  return (
    <div className="flex min-h-11 items-center gap-2">
      <IconButton label={t`Discard the recording`} onPress={recorder.cancel} className="size-11 text-danger">
        <Trash2 size={20} />
      </IconButton>
      {state.phase === "recording" ? <Meter state={state} /> : null}
      {heard ? <Heard {...heard} /> : null}
      {heard ? (
        <IconButton
          label={t`Send the voice message`}
          onPress={send}
          autoFocus
          className="size-11 bg-accent text-on-accent hover:bg-accent-strong hover:text-on-accent"
        >
          <SendHorizontal size={20} />
        </IconButton>
      ) : (
        <IconButton
          label={t`End the recording`}
          onPress={recorder.stop}
          autoFocus
          className="size-11 bg-danger text-on-danger hover:bg-danger-strong hover:text-on-danger"
        >
          <Square size={18} fill="currentColor" />
        </IconButton>
      )}
    </div>
  );
}

function Meter({ state }: { state: Extract<Recording, { phase: "recording" }> }) {
  const { t } = useLingui();
  const bars = 24;
  return (
    <div className="flex flex-1 items-center gap-3 rounded-[10px] bg-danger-soft px-3 py-2" role="status">
      <span className="sr-only">{t`Recording`}</span>
      <span className="size-2.5 shrink-0 animate-pulse rounded-full bg-danger" />
      <span className="tabular text-danger text-sm" aria-hidden>
        {lengthText(performance.now() - state.since)}
      </span>
      <span className="flex h-6 min-w-0 flex-1 items-center gap-0.5" aria-hidden>
        {Array.from({ length: bars }, (_, i) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: the bars are places
            key={i}
            className={`w-1 rounded-full ${i / bars < state.level ? "h-5 bg-danger" : "h-1.5 bg-danger/30"}`}
          />
        ))}
      </span>
    </div>
  );
}

function Heard({ content, durationMs }: { content: Blob; durationMs: number }) {
  const [url, setURL] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(content);
    setURL(made);
    return () => URL.revokeObjectURL(made);
  }, [content]);
  return (
    <div className="min-w-0 flex-1 rounded-[10px] bg-sunken px-2">
      {url ? <VoicePlayer src={url} durationMs={durationMs} /> : null}
    </div>
  );
}
