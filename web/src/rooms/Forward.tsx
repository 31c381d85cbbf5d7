import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { CalendarClock, Check } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import type { Scheduled } from "../api/types";
import { queries, roomsQuery } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Empty, Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import type { Message } from "../wire/messages";
import { clientId } from "./clientId";
import { plain } from "./plain";
import { RoomMark } from "./RoomsPage";
import { When } from "./SendLater";
import { quoteOf } from "./timeline";
import { roomTitle } from "./titles";

/** Chooses where a message is posted again, one chat or several; now, or at a time. */
export function Forward({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useLingui();
  const { rooms } = useSession();
  const zone = useZone();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [later, setLater] = useState(false);
  const send = () => {
    const shown = message.forwarded ?? { author: message.author, posted_at: message.posted_at };
    const forward = { room: message.room, message: message.id, shown };
    for (const room of chosen)
      rooms.post(room, message.text, { forward, ...(message.text_en && { text_en: message.text_en }) });
    toast(plural(chosen.length, { one: "Forwarded.", other: "Forwarded to # chats." }));
    onClose();
  };
  const toggle = (id: string) => setChosen((c) => (c.includes(id) ? c.filter((x) => x !== id) : [...c, id]));
  if (later)
    return (
      <ForwardLater message={message} chosen={chosen} onChosen={setChosen} zone={zone} onClose={onClose} />
    );
  const footer = (
    <>
      <Button look="plain" isDisabled={chosen.length === 0} onPress={() => setLater(true)}>
        <CalendarClock size={18} />
        {t`Send later`}
      </Button>
      <Button look="primary" isDisabled={chosen.length === 0} onPress={send}>
        {t`Forward`}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={t`Forward to`} footer={footer}>
      <Source message={message} zone={zone} />
      <RoomPicker chosen={chosen} onToggle={toggle} />
    </Dialog>
  );
}

function Source({ message, zone }: { message: Message; zone: string }) {
  const author = message.forwarded?.author ?? message.author;
  return (
    <p className="mb-3 line-clamp-3 border-line-strong border-l-2 pl-2 text-ink-soft text-sm">
      {author.name}: {plain(quoteOf(message), zone, currentLanguage())}
    </p>
  );
}

interface LaterProps {
  message: Message;
  chosen: readonly string[];
  onChosen: (rooms: readonly string[]) => void;
  zone: string;
  onClose: () => void;
}

/** Chooses when. What could not be put in for a chat stays chosen, to be tried again. */
function ForwardLater({ message, chosen, onChosen, zone, onClose }: LaterProps) {
  const { t } = useLingui();
  const [at, setAt] = useState<Date>();
  const [pending, setPending] = useState(false);
  const [ids] = useState(() => new Map<string, string>());
  const send = async () => {
    if (!at) return;
    setPending(true);
    const left = await scheduleForward(message, chosen, at, ids);
    await queries.invalidateQueries({ queryKey: ["scheduled"] });
    if (left.length === 0) {
      toast(
        plural(chosen.length, { one: "It is forwarded then.", other: "It is forwarded to # chats then." }),
      );
      return onClose();
    }
    onChosen(left);
    setPending(false);
    toast(t`The message could not be kept for later. Try again.`, { tone: "danger" });
  };
  const footer = (
    <Button look="primary" isDisabled={!at || at.getTime() < Date.now()} isPending={pending} onPress={send}>
      {t`Send then`}
    </Button>
  );
  return (
    <Dialog open onClose={onClose} title={t`Forward later`} footer={footer}>
      <Source message={message} zone={zone} />
      <When mine={zone} theirs={undefined} at={at} onChange={setAt} />
    </Dialog>
  );
}

/** Puts a forward in for each chat, and says for which that failed; ids are those of the first try. */
async function scheduleForward(
  message: Message,
  chosen: readonly string[],
  at: Date,
  ids: Map<string, string>,
): Promise<string[]> {
  const content = { text: "", forward: { room: message.room, message: message.id } };
  const left: string[] = [];
  for (const room of chosen) {
    const id = ids.get(room) ?? clientId();
    ids.set(room, id);
    try {
      await call<Scheduled>("POST", "/scheduled", { id, room, content, send_at: at.toISOString() });
    } catch {
      left.push(room);
    }
  }
  return left;
}

function RoomPicker({ chosen, onToggle }: { chosen: readonly string[]; onToggle: (room: string) => void }) {
  const { t } = useLingui();
  const all = useQuery(roomsQuery);
  const [filter, setFilter] = useState("");
  if (all.isPending) return <Loading />;
  if (all.isError)
    return <Failed text={t`The chats could not be loaded.`} onRetry={() => void all.refetch()} />;
  const language = currentLanguage();
  const shown = all.data
    .filter((r) => !r.archived_at && (r.posting === "members" || r.manages))
    .map((room) => ({ room, title: roomTitle(room, language) }))
    .filter((r) => r.title.toLowerCase().includes(filter.trim().toLowerCase()));
  return (
    <>
      <Field
        label={t`Search chats`}
        hideLabel
        placeholder={t`Search chats`}
        value={filter}
        onChange={setFilter}
        className="pb-2"
      />
      {shown.length === 0 ? <Empty title={t`Nothing found`} /> : null}
      <ul className="flex max-h-80 flex-col overflow-y-auto" aria-label={t`Chats`}>
        {shown.map(({ room, title }) => {
          const isChosen = chosen.includes(room.id);
          return (
            <li key={room.id}>
              <button
                type="button"
                aria-pressed={isChosen}
                onClick={() => onToggle(room.id)}
                className={cx(
                  "flex min-h-12 w-full items-center gap-3 rounded-xl px-2 text-left",
                  isChosen ? "bg-accent-soft" : "hover:bg-sunken",
                )}
              >
                <RoomMark room={room} title={title} size={32} />
                <span className="min-w-0 flex-1 truncate">{title}</span>
                <Check size={18} aria-hidden="true" className={cx("text-accent", !isChosen && "invisible")} />
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
