import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { FileText } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import type { Meeting, Minutes } from "../api/types";
import { queries } from "../app/queries";
import { useMinutesState } from "../minutes/states";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { toast } from "../ui/toast";

/** The way to a meeting's minutes, or the button that begins them. */
export function MeetingMinutes({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const words = useMinutesState();
  const [pending, setPending] = useState(false);
  const head = meeting.minutes;
  if (!head && !meeting.may.write_minutes) return null;
  const open = async () => {
    setPending(true);
    try {
      const id = head?.id ?? (await call<Minutes>("POST", `/meetings/${meeting.id}/minutes`)).id;
      await queries.invalidateQueries({ queryKey: ["meetings"] });
      await navigate({ to: "/minutes/$minutes", params: { minutes: id } });
    } catch {
      toast(t`The minutes could not be opened. Please try again.`, { tone: "danger" });
      setPending(false);
    }
  };
  return (
    <section className="flex flex-wrap items-center gap-4 rounded-2xl border border-line bg-surface p-5 md:p-6">
      <FileText size={24} className="text-accent" />
      <div className="min-w-48 flex-1">
        <h2 className="flex items-center gap-2 font-semibold text-lg">
          {t`Minutes`}
          {head ? <Badge tone={head.state === "signed" ? "good" : "plain"}>{words[head.state]}</Badge> : null}
        </h2>
        <p className="text-ink-soft text-sm">
          {head ? head.number : t`They begin with the agenda and the attendance already filled in.`}
        </p>
      </div>
      <Button look={head ? "quiet" : "primary"} isPending={pending} onPress={open}>
        {head ? t`Open the minutes` : t`Write the minutes`}
      </Button>
    </section>
  );
}
