import { type ClipboardEvent, useEffect, useMemo } from "react";
import { useStore } from "zustand";
import type { Rooms } from "../rooms/store";
import { pastedFiles } from "./pasted";
import { sendByTus } from "./upload";
import { createUploads, isMissing, type Looked, type Uploads } from "./uploads";

/** The files being written into the rooms of one session, so that they go on while another room is looked at. */
const sessions = new WeakMap<Rooms, Map<string, Uploads>>();

/** The files of the message that is being written in a room. */
export function useUploads(rooms: Rooms, room: string): Uploads {
  const uploads = useMemo(() => uploadsOf(rooms, room), [rooms, room]);
  useEffect(() => {
    const goOn = () => {
      for (const item of uploads.store.getState()) {
        if (item.state === "failed" && item.code === "unreachable") uploads.retry(item.key);
      }
    };
    addEventListener("online", goOn);
    return () => removeEventListener("online", goOn);
  }, [uploads]);
  return uploads;
}

/**
 * What the place to write knows of the files beside the text: whether there
 * are any, and whether some are still on their way.
 */
export function useFilesBeside(uploads: Uploads, onFiles: (files: File[]) => void) {
  const waiting = useStore(uploads.store, (items) => items.some(isMissing));
  const some = useStore(uploads.store, (items) => items.some((i) => i.state === "done"));
  const paste = (e: ClipboardEvent) => {
    const files = pastedFiles([...e.clipboardData.files], e.clipboardData.getData("text/plain"));
    if (files.length === 0) return;
    e.preventDefault();
    onFiles(files);
  };
  return { waiting, some, paste };
}

function uploadsOf(rooms: Rooms, room: string): Uploads {
  const all = sessions.get(rooms) ?? new Map<string, Uploads>();
  sessions.set(rooms, all);
  const known = all.get(room);
  if (known) return known;
  const as = () => rooms.store.getState().me?.kind ?? "account";
  const fresh = createUploads({ send: sendByTus, as, look: lookAt });
  all.set(room, fresh);
  return fresh;
}

async function lookAt(content: Blob): Promise<Looked> {
  const picture = await createImageBitmap(content);
  const { width, height } = picture;
  picture.close();
  return { width, height };
}
