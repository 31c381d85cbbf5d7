import { useLingui } from "@lingui/react/macro";
import { CalendarClock, SendHorizontal } from "lucide-react";
import { useState } from "react";
import { IconButton } from "../ui/IconButton";
import type { Said } from "./Composer";
import { SendLater } from "./SendLater";
import type { Scene } from "./scene";

interface Props {
  scene: Scene | undefined;
  isDisabled: boolean;
  onSend: () => void;
  content: () => Said;
  onScheduled: () => void;
}

/** Sends now, or later. */
export function SendButtons({ scene, isDisabled, onSend, content, onScheduled }: Props) {
  const { t } = useLingui();
  const [later, setLater] = useState<Said>();
  return (
    <>
      {scene ? (
        <IconButton
          label={t`Send later`}
          className="size-11"
          isDisabled={isDisabled}
          onPress={() => setLater(content())}
        >
          <CalendarClock size={19} />
        </IconButton>
      ) : null}
      <IconButton
        label={t`Send`}
        onPress={onSend}
        isDisabled={isDisabled}
        className="size-11 bg-accent text-on-accent hover:bg-accent-strong hover:text-on-accent disabled:bg-sunken disabled:text-ink-faint"
      >
        <SendHorizontal size={20} />
      </IconButton>
      {scene && later ? (
        <SendLater scene={scene} said={later} onClose={() => setLater(undefined)} onScheduled={onScheduled} />
      ) : null}
    </>
  );
}
