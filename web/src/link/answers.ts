import type { ClientBodies, ErrorCode, Failure, ServerBodies } from "../wire/messages";

/** Which message answers which; everything else is answered by done. */
interface Special {
  hello: "welcome";
  ping: "pong";
  knock: "knocked";
  join: "joined";
  offer: "answer";
  measure: "measured";
  post: "posted";
  edit: "posted";
  delete: "posted";
  react: "posted";
  pin: "posted";
  confirm: "posted";
  get_marks: "marks";
  history: "history_page";
  catch_up: "events_page";
  catch_up_rooms: "rooms_events";
  ring: "ringing";
}

type AnswerType<T extends keyof ClientBodies> = T extends keyof Special ? Special[T] : "done";

/** The body that answers a message. */
export type Answer<T extends keyof ClientBodies> = ServerBodies[AnswerType<T>];

/** A message that the server answered with an error. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  /** The node to ask instead. */
  readonly node: string | undefined;

  constructor({ code, message, field, node }: Failure) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.field = field;
    this.node = node;
  }
}

/** A message whose answer will not come: there was no connection, or it was lost. */
export class Disconnected extends Error {
  constructor() {
    super("the connection was lost before the answer came");
    this.name = "Disconnected";
  }
}
