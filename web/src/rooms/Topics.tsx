import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Hash, X } from "lucide-react";
import { Button as Plain } from "react-aria-components/Button";
import { currentLanguage } from "../i18n/language";
import { shortDay } from "../time/format";
import { IconButton } from "../ui/IconButton";
import { Empty, Failed, Loading } from "../ui/states";
import { topicsQuery } from "./roomQueries";
import type { Scene } from "./scene";

/** A room's topics with how much is in each, the most recently used first. */
export function TopicList({ scene, onClose }: { scene: Scene; onClose: () => void }) {
  const { t } = useLingui();
  const language = currentLanguage();
  const topics = useQuery(topicsQuery(scene.room.id));
  if (topics.isPending) return <Loading />;
  if (topics.isError)
    return <Failed text={t`The topics could not be loaded.`} onRetry={() => void topics.refetch()} />;
  if (topics.data.items.length === 0)
    return (
      <Empty icon={<Hash size={26} />} title={t`No topics yet`}>
        <p>{t`Give a message a topic with the plus sign where you write.`}</p>
      </Empty>
    );
  const choose = (topic: string) => {
    onClose();
    scene.chooseTopic(topic);
  };
  return (
    <ul className="flex flex-col">
      {topics.data.items.map((topic) => (
        <li key={topic.name}>
          <Plain
            className="flex min-h-13 w-full items-center gap-3 rounded-xl px-2 py-1.5 text-left hover:bg-sunken"
            onPress={() => choose(topic.name)}
          >
            <Hash size={17} aria-hidden="true" className="shrink-0 text-accent" />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{topic.name}</span>
              <span className="block truncate text-ink-faint text-xs">
                {topic.last_author.name} · {shortDay(new Date(topic.last_at), scene.zone, language)}
              </span>
            </span>
            <span className="shrink-0 text-ink-soft text-sm">
              {plural(topic.messages, { one: "# message", other: "# messages" })}
            </span>
          </Plain>
        </li>
      ))}
    </ul>
  );
}

/** Says that the room is narrowed to a topic, and leads back to all of it. */
export function TopicBar({ scene }: { scene: Scene }) {
  const { t } = useLingui();
  if (!scene.topic) return null;
  return (
    <div
      role="status"
      className="flex min-h-10 items-center gap-2 border-line border-b bg-accent-soft px-4 text-sm"
    >
      <Hash size={15} aria-hidden="true" className="text-accent" />
      <span className="min-w-0 flex-1 truncate font-medium">{scene.topic}</span>
      <IconButton label={t`Show everything`} className="size-8" onPress={() => scene.chooseTopic("")}>
        <X size={16} />
      </IconButton>
    </div>
  );
}
