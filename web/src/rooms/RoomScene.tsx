import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import type { RoomDetail } from "../api/types";
import { useSession, useZone } from "../app/session";
import { type Scene, SceneContext, type Shown } from "./scene";

// What is seldom opened comes when it is.
const RoomDialogs = lazy(() => import("./RoomDialogs").then((m) => ({ default: m.RoomDialogs })));

interface Props {
  room: RoomDetail;
  /** Beside a meeting, what would lead away from it is left out. */
  beside?: boolean;
  children: (scene: Scene) => ReactNode;
}

/** Gives a room to its timeline, with all that an account may do there, and lays over it what is opened. */
export function RoomScene({ room, beside = false, children }: Props) {
  const { link, account } = useSession();
  const zone = useZone();
  const [topic, chooseTopic] = useState("");
  const [shown, show] = useState<Shown>();
  const scene = useMemo(
    () => ({ room, link, me: account.id, zone, topic, chooseTopic, show, beside }),
    [room, link, account.id, zone, topic, beside],
  );
  return (
    <SceneContext value={scene}>
      {children(scene)}
      {shown ? (
        <Suspense>
          <RoomDialogs scene={scene} shown={shown} onClose={() => show(undefined)} />
        </Suspense>
      ) : null}
    </SceneContext>
  );
}
