import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Hash } from "lucide-react";
import { useState } from "react";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { isSendKey } from "./keys";
import { topicsQuery } from "./roomQueries";

interface Props {
  open: boolean;
  onClose: () => void;
  room: string;
  onChoose: (topic: string) => void;
}

/** Names what a message is about: something new, or one of the room's topics. */
export function TopicField({ open, onClose, room, onChoose }: Props) {
  const { t } = useLingui();
  const [name, setName] = useState("");
  const topics = useQuery({ ...topicsQuery(room), enabled: open });
  const choose = (topic: string) => {
    if (topic === "") return;
    setName("");
    onClose();
    onChoose(topic);
  };
  const footer = (
    <Button look="primary" isDisabled={name.trim() === ""} onPress={() => choose(name.trim())}>
      {t`Use this topic`}
    </Button>
  );
  return (
    <Dialog open={open} onClose={onClose} title={t`Topic`} footer={footer}>
      <div className="flex flex-col gap-3">
        <Field
          label={t`Name of the topic`}
          value={name}
          onChange={setName}
          maxLength={60}
          onKeyDown={(e) => {
            if (isSendKey(e.nativeEvent)) choose(name.trim());
          }}
        />
        <ul className="flex max-h-60 flex-col overflow-y-auto" aria-label={t`Topics of this chat`}>
          {(topics.data?.items ?? []).map((topic) => (
            <li key={topic.name}>
              <button
                type="button"
                onClick={() => choose(topic.name)}
                className="flex min-h-11 w-full items-center gap-2 rounded-xl px-2 text-left hover:bg-sunken"
              >
                <Hash size={15} aria-hidden="true" className="text-accent" />
                <span className="min-w-0 flex-1 truncate">{topic.name}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
