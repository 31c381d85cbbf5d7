import type { RoomDetail } from "../api/types";
import type { Message } from "../wire/messages";

/** Those whom a message was posted to, as the node counts them: without its author, and without who joined later, but for those who have confirmed it. */
export function readersOf(message: Message, members: RoomDetail["members"]): RoomDetail["members"] {
  return members.filter(
    ({ person, joined }) =>
      person.id !== message.author.id &&
      (joined < message.seq || message.confirmation?.by.includes(person.id)),
  );
}
