import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { MessageSquare, Phone, PhoneOff, Video } from "lucide-react";
import { useEffect, useState } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { accountsQuery, roomQuery } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { Refusal } from "../link/answers";
import { clientId } from "../rooms/clientId";
import { roomTitle } from "../rooms/titles";
import { clock, weekday, zoneName } from "../time/format";
import { useNow } from "../time/useNow";
import { sameZone } from "../time/zones";
import { Avatar } from "../ui/Avatar";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { toast } from "../ui/toast";
import { startTone } from "../ui/tone";
import type { Call } from "../wire/messages";

interface Props {
  call: Call;
  onEnter: (room: string, camera: boolean) => void;
}

/** Somebody rings us. It lies over whatever is shown, and only an answer takes it away. */
export function Incoming({ call, onEnter }: Props) {
  const { t } = useLingui();
  const [writing, setWriting] = useState(false);
  const answer = useAnswer(call, onEnter);
  const name = call.by.name;
  useEffect(() => startTone("incoming"), []);
  useHiddenNote(t`${name} is calling`);
  return (
    <ModalOverlay
      isOpen
      isKeyboardDismissDisabled
      className="fixed inset-0 z-50 flex items-end justify-center bg-shade p-4 sm:items-center"
    >
      <Modal className="w-full max-w-sm rounded-2xl bg-surface text-ink shadow-lift">
        <Dialog role="alertdialog" data-call="incoming" className="flex flex-col gap-6 p-6 outline-none">
          <Caller call={call} />
          {writing ? (
            <Answer onSend={(text) => void answer.withMessage(text)} onBack={() => setWriting(false)} />
          ) : (
            <Buttons
              pending={answer.pending}
              onAccept={(camera) => void answer.accept(camera)}
              onDecline={() => void answer.decline()}
              onWrite={() => setWriting(true)}
            />
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Caller({ call }: { call: Call }) {
  const { t } = useLingui();
  const room = useQuery(roomQuery(call.room));
  const accounts = useQuery(accountsQuery);
  const language = currentLanguage();
  const now = useNow(10_000);
  const own = useZone();
  const zone = accounts.data?.find((a) => a.id === call.by.id)?.time_zone;
  const place = room.data && room.data.kind !== "direct" ? roomTitle(room.data, language) : undefined;
  return (
    <div className="flex flex-col items-center gap-3 text-center">
      <span className="relative">
        <span className="absolute inset-0 animate-ping rounded-full bg-accent opacity-20 motion-reduce:animate-none" />
        <Avatar name={call.by.name} size={84} />
      </span>
      <div>
        <Heading slot="title" className="font-semibold text-xl">
          {t`${call.by.name} is calling`}
        </Heading>
        {place ? <p className="text-ink-soft">{place}</p> : null}
        {zone && !sameZone(zone, own) ? (
          <p className="tabular pt-1 text-ink-faint text-sm">
            {weekday(now, zone, language)} {clock(now, zone, language)} {zoneName(zone, language)}
          </p>
        ) : null}
      </div>
    </div>
  );
}

interface ButtonsProps {
  pending: boolean;
  onAccept: (camera: boolean) => void;
  onDecline: () => void;
  onWrite: () => void;
}

function Buttons({ pending, onAccept, onDecline, onWrite }: ButtonsProps) {
  const { t } = useLingui();
  return (
    <div className="flex flex-col gap-2.5">
      <div className="grid grid-cols-2 gap-2.5">
        <Button look="primary" autoFocus isDisabled={pending} onPress={() => onAccept(false)}>
          <Phone size={18} />
          {t`Accept`}
        </Button>
        <Button
          look="primary"
          className="whitespace-nowrap px-2"
          isDisabled={pending}
          onPress={() => onAccept(true)}
        >
          <Video size={18} />
          {t`With camera`}
        </Button>
      </div>
      <Button look="danger" wide isDisabled={pending} onPress={onDecline}>
        <PhoneOff size={18} />
        {t`Decline`}
      </Button>
      <Button look="plain" wide isDisabled={pending} onPress={onWrite}>
        <MessageSquare size={18} />
        {t`Decline with a message`}
      </Button>
    </div>
  );
}

function Answer({ onSend, onBack }: { onSend: (text: string) => void; onBack: () => void }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const ready = [t`I cannot talk now. I will call you back.`, t`I am in a meeting. Please write to me.`];
  return (
    <div className="flex flex-col gap-2.5">
      {ready.map((r) => (
        <Button key={r} wide onPress={() => onSend(r)} className="justify-start py-2 text-left">
          {r}
        </Button>
      ))}
      <Field
        label={t`Message`}
        hideLabel
        placeholder={t`Message`}
        value={text}
        onChange={setText}
        maxLength={500}
        autoFocus
      />
      <div className="flex justify-end gap-2.5">
        <Button look="plain" onPress={onBack}>{t`Back`}</Button>
        <Button
          look="primary"
          isDisabled={text.trim() === ""}
          onPress={() => onSend(text.trim())}
        >{t`Send`}</Button>
      </div>
    </div>
  );
}

function useAnswer(call: Call, onEnter: Props["onEnter"]) {
  const { t } = useLingui();
  const { calls, link } = useSession();
  const [pending, setPending] = useState(false);
  const answer = async (accept: boolean) => {
    setPending(true);
    try {
      await calls.answer(call.id, accept);
      return true;
    } catch (error) {
      setPending(false);
      // Answered on another device, or over: the call goes away by itself.
      if (!(error instanceof Refusal)) toast(t`No connection. Try again.`, { tone: "danger" });
      else calls.dismiss(call.id);
      return false;
    }
  };
  return {
    pending,
    accept: async (camera: boolean) => {
      if (await answer(true)) onEnter(call.room, camera);
    },
    decline: () => answer(false),
    withMessage: async (text: string) => {
      if (!(await answer(false))) return;
      try {
        await link.request("post", { room: call.room, client_id: clientId(), text, mentions: [] });
      } catch {
        toast(t`The message was not sent.`, { tone: "danger" });
      }
    },
  };
}

/** Shows a note of the system while the page is out of sight, where that was allowed. */
function useHiddenNote(text: string): void {
  useEffect(() => {
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
    const note = new Notification(text, { tag: "call", requireInteraction: true });
    note.onclick = () => window.focus();
    return () => note.close();
  }, [text]);
}
