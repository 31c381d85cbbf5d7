import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Meeting } from "../api/types";
import { meetingQuery, queries } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { ArrangeForm } from "./ArrangeForm";
import { bodyOf, type Draft, draftOf, newDraft } from "./draft";

/** Arranges a new meeting. */
export function ArrangePage() {
  const { t } = useLingui();
  const { account } = useSession();
  const zone = useZone();
  const [first] = useState(() => newDraft(account.id, zone, new Date()));
  const navigate = useNavigate();
  const save = async (draft: Draft) => {
    const meeting = await call<Meeting>("POST", "/meetings", bodyOf(draft));
    await queries.invalidateQueries({ queryKey: ["meetings"] });
    toast(t`The meeting is arranged.`);
    await navigate({ to: "/meetings/$meeting", params: { meeting: meeting.id } });
  };
  return (
    <ArrangeForm
      title={t`Schedule a meeting`}
      first={first}
      begun={false}
      action={t`Schedule`}
      onSave={save}
    />
  );
}

/** Changes an arranged meeting. */
export function ChangePage() {
  const { t } = useLingui();
  const { meeting: id } = useParams({ from: "/inside/shell/meetings/$meeting/edit" });
  const meeting = useQuery(meetingQuery(id));
  if (meeting.isPending) return <Loading />;
  if (meeting.isError) {
    return <Failed text={t`The meeting could not be loaded.`} onRetry={() => void meeting.refetch()} />;
  }
  return <Change key={meeting.data.id} meeting={meeting.data} />;
}

function Change({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [first] = useState(() => draftOf(meeting));
  const [sequence] = useState(meeting.sequence);
  const save = async (draft: Draft) => {
    try {
      await call<Meeting>("PUT", `/meetings/${meeting.id}`, { ...bodyOf(draft), sequence });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "meeting_changed") throw error;
      await queries.invalidateQueries({ queryKey: ["meetings"] });
      toast(t`Somebody else has changed this meeting meanwhile. Please look at it again.`, {
        tone: "danger",
      });
      return void (await navigate({ to: "/meetings/$meeting", params: { meeting: meeting.id } }));
    }
    await queries.invalidateQueries({ queryKey: ["meetings"] });
    toast(t`The change is saved.`);
    await navigate({ to: "/meetings/$meeting", params: { meeting: meeting.id } });
  };
  return (
    <ArrangeForm
      title={t`Change the meeting`}
      first={first}
      begun={meeting.state === "live"}
      action={t`Save`}
      onSave={save}
    />
  );
}
