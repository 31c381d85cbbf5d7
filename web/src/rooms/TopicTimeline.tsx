import { useLingui } from "@lingui/react/macro";
import { useCallback, useEffect, useMemo, useReducer, useRef } from "react";
import { VList, type VListHandle } from "virtua";
import { useStore } from "zustand";
import { Disconnected } from "../link/answers";
import { Button } from "../ui/Button";
import { Empty, Failed, Loading } from "../ui/states";
import type { Event, HistoryPage, Message } from "../wire/messages";
import { rowsOf } from "./group";
import type { Names } from "./groups";
import { RowView } from "./MessageList";
import { MessageRow } from "./MessageRow";
import type { Scene } from "./scene";
import type { Rooms } from "./store";

const pageLength = 50;

type State =
  | { phase: "loading" }
  | { phase: "failed" }
  | { phase: "read"; messages: readonly Message[]; more: boolean; head: number };

type Step =
  | { kind: "page"; page: HistoryPage }
  | { kind: "event"; event: Event }
  | { kind: "failed" | "loading" };

/** A topic's messages after a page or an event; what an event changes is replaced where it stands. */
export function topicStep(topic: string, state: State, step: Step): State {
  switch (step.kind) {
    case "loading":
    case "failed":
      return { phase: step.kind };
    case "page": {
      const newer = state.phase === "read" ? state.messages : [];
      const first = newer[0]?.seq ?? Number.POSITIVE_INFINITY;
      const messages = [...step.page.messages.filter((m) => m.seq < first), ...newer];
      return {
        phase: "read",
        messages,
        more: step.page.more,
        head: Math.max(step.page.head, state.phase === "read" ? state.head : 0),
      };
    }
    case "event": {
      if (state.phase !== "read" || step.event.seq <= state.head) return state;
      const { message } = step.event;
      const at = state.messages.findIndex((m) => m.id === message.id);
      if (at >= 0) return { ...state, head: step.event.seq, messages: state.messages.with(at, message) };
      if (step.event.kind !== "posted" || message.topic !== topic) return state;
      return { ...state, head: step.event.seq, messages: [...state.messages, message] };
    }
  }
}

interface Props {
  scene: Scene;
  rooms: Rooms;
  names: Names;
  onReply: (message: Message) => void;
}

/** What was written about one topic: a list of its own, which goes on by itself. */
export function TopicTimeline({ scene, rooms, names, onReply }: Props) {
  const { t } = useLingui();
  const { room, topic, zone } = scene;
  const { state, read, older } = useTopic(scene, rooms);
  const drafts = useStore(rooms.store, (s) => s.drafts[room.id]);
  const me = useStore(rooms.store, (s) => s.me?.id ?? "");
  const list = useRef<VListHandle>(null);
  const messages = state.phase === "read" ? state.messages : nothing;
  const rows = useMemo(
    () =>
      rowsOf(
        messages,
        (drafts ?? []).filter((d) => d.topic === topic),
        zone,
        { after: Number.POSITIVE_INFINITY, me },
      ),
    [messages, drafts, topic, zone, me],
  );
  useEffect(() => {
    list.current?.scrollToIndex(rows.length - 1, { align: "end" });
  }, [rows.length]);
  if (state.phase === "loading") return <Loading label={t`Loading messages…`} />;
  if (state.phase === "failed")
    return <Failed text={t`The messages could not be loaded.`} onRetry={() => void read()} />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {state.more ? (
        <div className="flex justify-center py-2">
          <Button small onPress={() => void older()}>{t`Older messages`}</Button>
        </div>
      ) : null}
      {rows.length === 0 ? (
        <div className="flex flex-1 items-center justify-center">
          <Empty title={t`Nothing about this yet`} />
        </div>
      ) : (
        <VList
          ref={list}
          className="px-3 py-2"
          role="log"
          aria-live="off"
          aria-label={t`Messages`}
          tabIndex={0}
        >
          {rows.map((row) => (
            <RowView key={row.key} row={row} zone={zone} marked={false}>
              {row.kind === "message" || row.kind === "draft" ? (
                <MessageRow
                  row={row}
                  rooms={rooms}
                  room={room.id}
                  me={me}
                  zone={zone}
                  names={names}
                  mayDelete={room.manages}
                  onReply={onReply}
                />
              ) : null}
            </RowView>
          ))}
        </VList>
      )}
    </div>
  );
}

const nothing: readonly Message[] = [];

/** Reads a topic's messages, and hears of those that come; after a loss of connection it reads anew. */
function useTopic({ room, topic, link }: Scene, rooms: Rooms) {
  const [state, step] = useReducer((s: State, a: Step) => topicStep(topic, s, a), { phase: "loading" });
  const first = state.phase === "read" ? state.messages[0]?.seq : undefined;
  const load = useCallback(
    async (before: number) => {
      try {
        step({
          kind: "page",
          page: await link.request("history", { room: room.id, topic, before, limit: pageLength }),
        });
      } catch (error) {
        if (!(error instanceof Disconnected) && before === 0) step({ kind: "failed" });
      }
    },
    [link, room.id, topic],
  );
  const read = useCallback(() => {
    step({ kind: "loading" });
    return load(0);
  }, [load]);
  useEffect(() => {
    void read();
    const stop = rooms.hear((event) => {
      if (event.room === room.id) step({ kind: "event", event });
    });
    const again = link.onWelcome(() => queueMicrotask(() => void read()));
    return () => {
      stop();
      again();
    };
  }, [read, rooms, room.id, link]);
  return { state, read, older: () => (first === undefined ? undefined : load(first)) };
}
