import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { CalendarClock, Forward, Paperclip, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Scheduled } from "../api/types";
import { queries } from "../app/queries";
import { currentLanguage } from "../i18n/language";
import { moment, zoneName } from "../time/format";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Empty, Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { plain } from "./plain";
import { scheduledQuery } from "./roomQueries";
import { useTheirZone, When } from "./SendLater";
import type { Scene } from "./scene";

/** Above the place to write: what waits for its time in this room, and what could not be sent. */
export function ScheduledLine({ scene }: { scene: Scene }) {
  const { t } = useLingui();
  const all = useQuery({ ...scheduledQuery, refetchInterval: 15_000 });
  const here = (all.data ?? []).filter((m) => m.room === scene.room.id);
  if (here.length === 0) return null;
  const refused = here.filter((m) => m.refused !== "").length;
  const waiting = here.length - refused;
  return (
    <Plain
      onPress={() => scene.show({ kind: "scheduled" })}
      className="flex min-h-9 w-full items-center gap-2 border-line border-t px-4 text-left text-ink-soft text-sm hover:bg-sunken"
    >
      {refused > 0 ? (
        <span className="flex items-center gap-1.5 text-danger">
          <TriangleAlert size={15} aria-hidden="true" />
          {plural(refused, { one: "# message could not be sent", other: "# messages could not be sent" })}
        </span>
      ) : null}
      {waiting > 0 ? (
        <span className="flex items-center gap-1.5">
          <CalendarClock size={15} aria-hidden="true" />
          {plural(waiting, { one: "# message waits for its time", other: "# messages wait for their time" })}
        </span>
      ) : null}
      <span className="sr-only">{t`Show them`}</span>
    </Plain>
  );
}

/** What waits for its time in a room: to be changed, sent now, or taken back. */
export function ScheduledList({ scene }: { scene: Scene }) {
  const { t } = useLingui();
  const all = useQuery(scheduledQuery);
  if (all.isPending) return <Loading />;
  if (all.isError)
    return <Failed text={t`The list could not be loaded.`} onRetry={() => void all.refetch()} />;
  const here = all.data.filter((m) => m.room === scene.room.id);
  if (here.length === 0) return <Empty title={t`Nothing waits to be sent`} />;
  return (
    <ul className="flex flex-col divide-y divide-line">
      {here.map((m) => (
        <li key={m.id} className="py-3">
          <Waiting message={m} scene={scene} />
        </li>
      ))}
    </ul>
  );
}

function Waiting({ message, scene }: { message: Scheduled; scene: Scene }) {
  const { t } = useLingui();
  const language = currentLanguage();
  const [changing, setChanging] = useState(false);
  const change = useChange(message.id);
  const at = new Date(message.send_at);
  if (changing) return <Change message={message} scene={scene} onDone={() => setChanging(false)} />;
  return (
    <div className="flex flex-col gap-2">
      <p className="text-ink-soft text-sm">
        {moment(at, scene.zone, language)} · {zoneName(scene.zone, language, at)}
      </p>
      {message.content.forward ? (
        <Forwarding message={message} zone={scene.zone} />
      ) : (
        <p className="line-clamp-3 whitespace-pre-wrap wrap-anywhere">{message.content.text}</p>
      )}
      {message.carried.length > 0 ? (
        <p className="flex items-center gap-1.5 text-ink-soft text-sm">
          <Paperclip size={14} aria-hidden="true" className="shrink-0" />
          <span className="truncate">{message.carried.map((a) => a.name).join("、")}</span>
        </p>
      ) : null}
      {message.refused ? (
        <p role="alert" className="text-danger text-sm">
          <Why message={message} />
        </p>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Button small onPress={() => setChanging(true)}>{t`Change`}</Button>
        <Button
          small
          onPress={() => change("PATCH", { send_at: new Date().toISOString() })}
        >{t`Send now`}</Button>
        <Button
          small
          look="plain"
          className="text-danger"
          onPress={() => change("DELETE")}
        >{t`Delete`}</Button>
      </div>
    </div>
  );
}

/** What is posted again when its time comes, as it is now. */
function Forwarding({ message, zone }: { message: Scheduled; zone: string }) {
  const { t } = useLingui();
  const quote = message.forwards;
  return (
    <div className="flex flex-col gap-0.5">
      <p className="flex items-center gap-1.5 text-ink-soft text-sm">
        <Forward size={14} aria-hidden="true" className="shrink-0" />
        {quote ? t`Forwarded from ${quote.author.name}` : t`What is forwarded is not there any more.`}
      </p>
      {quote ? (
        <p className="line-clamp-3 wrap-anywhere">{plain(quote.text, zone, currentLanguage())}</p>
      ) : null}
    </div>
  );
}

/** Why a message could not be sent when its time came. */
function Why({ message }: { message: Scheduled }) {
  const { t } = useLingui();
  if (message.content.forward && !message.forwards)
    return t`Not sent: what is forwarded is not there any more.`;
  switch (message.refused) {
    case "room_not_found":
      return t`Not sent: you are not in this chat any more.`;
    case "room_archived":
      return t`Not sent: the chat was archived.`;
    case "forbidden":
      return t`Not sent: you may not write this here any more.`;
    default:
      return t`Not sent. Change it, or delete it.`;
  }
}

function useChange(id: string) {
  const { t } = useLingui();
  return async (method: "PATCH" | "DELETE", body?: unknown): Promise<boolean> => {
    try {
      await call(method, `/scheduled/${id}`, body);
      return true;
    } catch (error) {
      const gone = error instanceof Problem && error.status === 404;
      toast(gone ? t`It was sent meanwhile.` : t`The change was not saved. Try again.`, {
        tone: gone ? "plain" : "danger",
      });
      return gone;
    } finally {
      await queries.invalidateQueries({ queryKey: ["scheduled"] });
    }
  };
}

function Change({ message, scene, onDone }: { message: Scheduled; scene: Scene; onDone: () => void }) {
  const { t } = useLingui();
  const theirs = useTheirZone(scene);
  const change = useChange(message.id);
  const [text, setText] = useState(message.content.text);
  const [english, setEnglish] = useState(message.content.text_en ?? "");
  const [at, setAt] = useState<Date | undefined>(new Date(message.send_at));
  const save = async () => {
    // What is forwarded is posted as it is: only its time is changed.
    const content = message.content.forward
      ? undefined
      : { ...message.content, text: text.trim(), text_en: english.trim() };
    if (await change("PATCH", { content, send_at: at?.toISOString() })) onDone();
  };
  return (
    <div className="flex flex-col gap-4">
      {message.content.forward ? (
        <Forwarding message={message} zone={scene.zone} />
      ) : (
        <Field label={t`Message`} value={text} onChange={setText} rows={3} />
      )}
      {message.content.text_en ? (
        <Field label={t`Message in English`} value={english} onChange={setEnglish} rows={3} />
      ) : null}
      <When mine={scene.zone} theirs={theirs} at={at} onChange={setAt} />
      <div className="flex justify-end gap-2">
        <Button small onPress={onDone}>{t`Cancel`}</Button>
        <Button
          small
          look="primary"
          isDisabled={
            (text.trim() === "" && message.carried.length === 0 && !message.content.forward) ||
            !at ||
            at.getTime() < Date.now()
          }
          onPress={save}
        >{t`Save`}</Button>
      </div>
    </div>
  );
}
