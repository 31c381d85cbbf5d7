import type { DetailedError, Upload } from "tus-js-client";

/** What is told of an upload while it goes on. */
export interface Watching {
  progress: (sent: number) => void;
  /** All of it is there and stored; the id is the file's, and it may say where it was taken. */
  done: (id: string, mayTellPlace: boolean) => void;
  /** It ended; the code is the server's, or "unreachable". */
  failed: (code: string) => void;
}

/** What travels with a file. */
export interface Metadata {
  name: string;
  voice?: boolean;
  durationMs?: number;
}

/** An upload that goes on by itself. */
export interface Sending {
  /** Goes on after a failure, where it stopped. */
  resume: () => void;
  /** Ends it; what was sent is forgotten. */
  cancel: () => void;
}

/** Sends files; the page's own way is sendByTus. */
export type Send = (file: Blob, metadata: Metadata, as: "account" | "guest", watching: Watching) => Sending;

/** How long is waited before each further try, in milliseconds; a try that gets on begins anew. */
const retryDelays = [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000];

/** Sends a file so that a lost connection costs only what was on its way (tus 1.0.0). */
export const sendByTus: Send = (file, metadata, as, watching) => {
  let ended = false;
  let upload: Upload | undefined;
  const start = async () => {
    try {
      upload ??= await begin(file, metadata, as, watching, () => ended);
      if (!ended) upload.start();
    } catch {
      if (!ended) watching.failed("unreachable"); // the part of the page that sends was not fetched
    }
  };
  void start();
  return {
    resume: () => void start(),
    cancel: () => {
      ended = true;
      upload?.abort(true).catch(() => undefined); // the server forgets it by itself
    },
  };
};

async function begin(
  file: Blob,
  metadata: Metadata,
  as: "account" | "guest",
  watching: Watching,
  ended: () => boolean,
): Promise<Upload> {
  const tus = await import("tus-js-client");
  const upload: Upload = new tus.Upload(file as File, {
    endpoint: `${location.origin}/api/uploads${as === "guest" ? "?as=guest" : ""}`,
    metadata: {
      filename: metadata.name,
      ...(metadata.voice && { voice: "1" }),
      ...(metadata.durationMs !== undefined && { duration_ms: String(Math.round(metadata.durationMs)) }),
    },
    retryDelays,
    storeFingerprintForResuming: false,
    onShouldRetry: (error) => !ended() && passes(error),
    onProgress: (sent) => watching.progress(sent),
    onSuccess: ({ lastResponse }) => {
      const mayTellPlace = lastResponse.getHeader("Upload-May-Tell-Place") === "true";
      if (!ended()) watching.done(upload.url?.split("/").at(-1) ?? "", mayTellPlace);
    },
    onError: (error) => {
      if (!ended()) watching.failed(codeOf(error));
    },
  });
  return upload;
}

/** Whether a failure is one that passes: no answer, another request at work, or the server's trouble. */
function passes(error: DetailedError): boolean {
  const status = error.originalResponse?.getStatus() ?? 0;
  return status === 0 || status === 409 || status === 423 || status >= 500;
}

/** The server's code for what went wrong. */
export function codeOf(error: Error | DetailedError): string {
  const body = "originalResponse" in error ? error.originalResponse?.getBody() : undefined;
  try {
    const code = JSON.parse(body ?? "")?.code;
    return typeof code === "string" ? code : "unreachable";
  } catch {
    return "unreachable";
  }
}
