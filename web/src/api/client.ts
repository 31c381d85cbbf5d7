import { tooFast } from "../ui/tooFast";
import { Problem, Unreachable } from "./problem";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Calls the server; a file goes as it is, anything else as JSON. Throws Problem for what it refuses, Unreachable when it is not there. */
export async function call<T>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const init: RequestInit = { method, credentials: "same-origin", headers: { accept: "application/json" } };
  if (body instanceof Blob) {
    init.body = body;
  } else if (body !== undefined) {
    init.headers = { ...init.headers, "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  if (signal) init.signal = signal;
  const response = await fetch(`/api${path}`, init).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new Unreachable();
  });
  const text = await response.text();
  const value = read(text);
  if (response.ok) return value as T;
  const problem = new Problem(
    response.status,
    typeof value === "object" && value !== null ? { ...value } : {},
  );
  if (problem.code === "rate") tooFast(problem.retryAfter);
  throw problem;
}

function read(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A query string of what is set. */
export function query(parts: { [name: string]: string | number | undefined }): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
