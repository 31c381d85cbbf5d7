/** An error that the server put into words for programs (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** What was wrong with which field, by its name. */
  readonly fields: { [name: string]: string };
  /** Seconds to wait before another try, when the server said so. */
  readonly retryAfter: number | undefined;
  /** Everything the server said, for conflicts that carry the present state. */
  readonly body: { readonly [name: string]: unknown };

  constructor(status: number, body: { readonly [name: string]: unknown }) {
    super(typeof body.detail === "string" ? body.detail : `HTTP ${status}`);
    this.name = "Problem";
    this.status = status;
    this.code = typeof body.code === "string" ? body.code : "internal";
    this.fields = fieldsOf(body.errors);
    this.retryAfter = typeof body.retry_after === "number" ? body.retry_after : undefined;
    this.body = body;
  }
}

/** Whether the same request would be refused again: neither the server's fault, nor a matter of a moment. */
export function isFinal(error: unknown): error is Problem {
  return error instanceof Problem && error.status < 500 && error.status !== 429;
}

/** The server could not be reached. */
export class Unreachable extends Error {
  constructor() {
    super("the server could not be reached");
    this.name = "Unreachable";
  }
}

function fieldsOf(errors: unknown): { [name: string]: string } {
  const fields: { [name: string]: string } = {};
  if (!Array.isArray(errors)) return fields;
  for (const e of errors) {
    if (typeof e?.location === "string" && typeof e?.message === "string") {
      fields[e.location.replace(/^body\./, "")] = e.message;
    }
  }
  return fields;
}
