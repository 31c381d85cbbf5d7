import { useLingui } from "@lingui/react/macro";
import { useStore } from "zustand";
import { Select } from "../ui/Select";
import { Level } from "./Level";
import type { Listed, LocalMedia } from "./media/local";

/** Chooses microphone, camera and loudspeaker; if asked, with a level that moves when one speaks. */
export function DeviceChoice({ local, level }: { local: LocalMedia; level?: boolean }) {
  const { t } = useLingui();
  const { microphones, cameras, speakers, chosen, microphone } = useStore(local.store);
  const options = (listed: Listed[], fallback: string) => [
    { value: "", label: fallback },
    ...listed.filter((d) => d.id !== "default").map((d) => ({ value: d.id, label: d.label || fallback })),
  ];
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col gap-2">
        <Select
          label={t`Microphone`}
          value={chosen.microphone}
          options={options(microphones, t`System default`)}
          onChange={(id) => void local.choose("microphone", id)}
        />
        {level && microphone.phase === "on" ? (
          <div className="flex flex-col gap-1.5">
            <Level local={local} label={t`Microphone level`} />
            <p className="text-sm text-ink-faint">{t`Say something: the bar should move.`}</p>
          </div>
        ) : null}
      </div>
      <Select
        label={t`Camera`}
        value={chosen.camera}
        options={options(cameras, t`System default`)}
        onChange={(id) => void local.choose("camera", id)}
      />
      {speakers.length > 1 ? (
        <Select
          label={t`Loudspeaker`}
          value={chosen.speaker}
          options={options(speakers, t`System default`)}
          onChange={(id) => local.chooseSpeaker(id)}
        />
      ) : null}
    </div>
  );
}
