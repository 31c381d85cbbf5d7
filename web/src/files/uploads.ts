import { createStore, type StoreApi } from "zustand/vanilla";
import type { Attachment } from "../wire/messages";
import { isPicture } from "./pictures";
import type { Metadata, Send, Sending } from "./upload";

/** How many files a message carries. */
export const mostFiles = 20;

/** A file on its way into a message. */
export interface Item {
  key: number;
  name: string;
  size: number;
  sent: number;
  state: "sending" | "done" | "failed";
  /** Why it failed: the server's code, or "unreachable". */
  code?: string;
  /** It may say where it was taken, and the hub could not take that out. */
  mayTellPlace?: boolean;
  /** What the message will carry; its id is empty until it is done. */
  attachment: Attachment;
  /** The file itself, to be shown before it is sent. */
  content: Blob;
}

/**
 * Whether a message has to wait for a file: whoever reads it is to have all of
 * them. What was spoken is a message of its own.
 */
export function isMissing(item: Item): boolean {
  return item.state !== "done" && !item.attachment.voice;
}

/** What is known of a file before the server has looked at it. */
export interface Looked {
  width: number;
  height: number;
}

/** The files of the message that is being written in one room. */
export interface Uploads {
  store: StoreApi<readonly Item[]>;
  /** Adds files and begins to send them; returns how many there was no room for. */
  add: (files: readonly File[]) => number;
  /** Sends what was spoken, and hands it over when it is there. */
  addVoice: (content: Blob, durationMs: number, whenThere: (voice: Attachment) => void) => void;
  retry: (key: number) => void;
  remove: (key: number) => void;
  /** The files that are there. */
  ready: () => Attachment[];
  /** Takes the files that are there out, into a message. */
  take: () => Attachment[];
}

interface Needs {
  send: Send;
  as: () => "account" | "guest";
  /** Finds the size of a picture; rejects what is none. */
  look: (content: Blob) => Promise<Looked>;
  now?: () => Date;
}

/** Makes an empty place for files. */
export function createUploads(needs: Needs): Uploads {
  const store = createStore<readonly Item[]>(() => []);
  const { begin, forget, change, sendings } = createSendings(store, needs);
  const now = needs.now ?? (() => new Date());
  const done = () => store.getState().filter((item) => item.state === "done" && !item.attachment.voice);
  return {
    store,
    add: (files) => {
      const room = Math.max(0, mostFiles - store.getState().length);
      for (const file of files.slice(0, room)) begin(file, { name: nameOf(file, now()) });
      return Math.max(0, files.length - room);
    },
    addVoice: (content, durationMs, whenThere) =>
      begin(content, { name: `voice${extensionOf(content.type)}`, voice: true, durationMs }, whenThere),
    retry: (key) => {
      change(key, () => ({ state: "sending" }));
      sendings.get(key)?.resume();
    },
    remove: (key) => {
      sendings.get(key)?.cancel();
      forget(key);
    },
    ready: () => done().map((item) => item.attachment),
    take: () => {
      const taken = done();
      for (const { key } of taken) forget(key);
      return taken.map((item) => item.attachment);
    },
  };
}

/** Begins sendings and follows them. */
function createSendings(store: StoreApi<readonly Item[]>, { send, as, look }: Needs) {
  const sendings = new Map<number, Sending>();
  let last = 0;

  const change = (key: number, to: (item: Item) => Partial<Item>) =>
    store.setState(
      store.getState().map((item) => (item.key === key ? { ...item, ...to(item) } : item)),
      true,
    );

  const forget = (key: number) => {
    sendings.delete(key);
    store.setState(
      store.getState().filter((item) => item.key !== key),
      true,
    );
  };

  const measure = (key: number, content: Blob) =>
    look(content).then(
      (size) => change(key, (i) => ({ attachment: { ...i.attachment, ...size, preview: true } })),
      () => undefined, // it only looks like a picture
    );

  const begin = (content: Blob, metadata: Metadata, whenThere?: (attachment: Attachment) => void) => {
    last += 1;
    const key = last;
    const attachment = described(content, metadata);
    const { name, size } = attachment;
    store.setState(
      [...store.getState(), { key, name, size, sent: 0, state: "sending", attachment, content }],
      true,
    );
    if (isPicture(attachment.type)) void measure(key, content);
    const done = (id: string, mayTellPlace: boolean) => {
      change(key, (i) => ({
        state: "done",
        sent: i.size,
        mayTellPlace,
        attachment: { ...i.attachment, id },
      }));
      const item = store.getState().find((i) => i.key === key);
      if (!item || !whenThere) return;
      forget(key);
      whenThere(item.attachment);
    };
    const progress = (sent: number) => change(key, () => ({ sent }));
    const failed = (code: string) => change(key, () => ({ state: "failed", code }));
    sendings.set(key, send(content, metadata, as(), { progress, done, failed }));
  };
  return { begin, forget, change, sendings };
}

/** A file as the message will describe it, as far as is known here. */
function described(content: Blob, { name, voice, durationMs }: Metadata): Attachment {
  return {
    id: "",
    name,
    type: content.type.split(";")[0] || "application/octet-stream",
    size: content.size,
    width: 0,
    height: 0,
    duration_ms: Math.round(durationMs ?? 0),
    voice: voice ?? false,
    preview: false,
  };
}

/** What a file is called: pictures from the clipboard all have the same name, so the time tells them apart. */
export function nameOf(file: File, now: Date): string {
  if (file.name && file.name !== "image.png") return file.name;
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  return `${stamp}${extensionOf(file.type) || ".png"}`;
}

function extensionOf(type: string): string {
  const kind = type.split(";")[0]?.split("/")[1] ?? "";
  return /^[a-z0-9]{2,5}$/.test(kind) ? `.${kind}` : "";
}
