import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link2, Phone, UserPlus } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Invitee, InviteeLink, Meeting } from "../api/types";
import { meetingQuery, queries, stationsQuery } from "../app/queries";
import { useZone } from "../app/session";
import { useRing } from "../calls/useRing";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { copyText } from "../ui/copyText";
import { Dialog } from "../ui/Dialog";
import { toast } from "../ui/toast";
import { bodyOf, draftOf, type Guest } from "./draft";
import { GuestPicker } from "./GuestPicker";

interface Props {
  /** The meeting that is held. */
  id: string;
  /** The people in it, by account or by invitation. */
  here: ReadonlySet<string>;
}

/** The way to more people in a meeting that is held, for those who may change it. */
export function InviteLate({ id, here }: Props) {
  const { t } = useLingui();
  const meeting = useQuery(meetingQuery(id));
  const [open, setOpen] = useState(false);
  if (!meeting.data?.may.edit) return null;
  return (
    <>
      <Button onPress={() => setOpen(true)}>
        <UserPlus size={16} />
        {t`Invite or call`}
      </Button>
      {open ? <Inviting meeting={meeting.data} here={here} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

interface InvitingProps {
  meeting: Meeting;
  here: ReadonlySet<string>;
  onClose: () => void;
}

function Inviting({ meeting, here, onClose }: InvitingProps) {
  const { t } = useLingui();
  const zone = useZone();
  const [added, setAdded] = useState<Guest[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const [pending, setPending] = useState(false);
  const fetchIn = useFetchIn();
  const invite = async () => {
    setPending(true);
    setProblem(undefined);
    try {
      const draft = draftOf(meeting);
      const body = {
        ...bodyOf({ ...draft, guests: [...draft.guests, ...added] }),
        sequence: meeting.sequence,
      };
      const changed = await call<Meeting>("PUT", `/meetings/${meeting.id}`, body);
      await queries.invalidateQueries({ queryKey: ["meetings"] });
      const known = new Set(meeting.invitees.map((i) => i.id));
      await fetchIn(
        changed,
        changed.invitees.filter((i) => !known.has(i.id)),
      );
      onClose();
    } catch (error) {
      await queries.invalidateQueries({ queryKey: ["meetings"] });
      setProblem(error instanceof Problem ? error : new Problem(0, {}));
      setPending(false);
    }
  };
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={t`Invite or call`}
      footer={
        <Button
          look="primary"
          isDisabled={added.length === 0}
          isPending={pending}
          onPress={() => void invite()}
        >
          {t`Invite now`}
        </Button>
      }
    >
      <div className="flex flex-col gap-5">
        <GuestPicker
          guests={added}
          after={meeting.invitees.length}
          onChange={setAdded}
          zone={zone}
          at={new Date()}
          problem={problem}
        />
        <p className="text-ink-faint text-sm">
          {t`Whoever has an account is called at once. Of a guest the link is copied, for you to send it.`}
        </p>
        {problem && Object.keys(problem.fields).length === 0 ? (
          <p
            role="alert"
            className="rounded-xl bg-danger-soft px-4 py-3"
          >{t`That did not work. Please try again.`}</p>
        ) : null}
        <NotHere meeting={meeting} here={here} />
      </div>
    </Dialog>
  );
}

/** Rings accounts into a meeting; of a guest the link is copied. */
function useFetchIn(): (meeting: Meeting, invitees: readonly Invitee[]) => Promise<void> {
  const { t } = useLingui();
  const ring = useRing();
  const stations = useQuery(stationsQuery);
  return async (meeting, invitees) => {
    const people = invitees.flatMap((i) => accountsOf(i, stations.data ?? []));
    if (people.length > 0) await ring.people(meeting.room_id, people);
    const guest = invitees.findLast((i) => i.guest);
    if (!guest) return;
    try {
      const { url } = await call<InviteeLink>("GET", `/meetings/${meeting.id}/invitees/${guest.id}/link`);
      await copyText(
        url,
        t`The link of ${guest.name} has been copied.`,
        t`Please copy the link on the meeting's page.`,
      );
    } catch {
      toast(t`That did not work. Try again.`, { tone: "danger" });
    }
  };
}

/** As which accounts an invitee may come. */
function accountsOf(
  invitee: Invitee,
  stations: readonly { id: string; accounts: readonly { id: string }[] }[],
): string[] {
  if (invitee.ref === undefined || invitee.guest) return [];
  if (invitee.kind === "account") return [invitee.ref];
  return stations.find((s) => s.id === invitee.ref)?.accounts.map((a) => a.id) ?? [];
}

/** Who is invited and has not come: a button calls them, or copies their link. */
function NotHere({ meeting, here }: { meeting: Meeting; here: ReadonlySet<string> }) {
  const { t } = useLingui();
  const stations = useQuery(stationsQuery);
  const fetchIn = useFetchIn();
  const missing = meeting.invitees.filter(
    (i) => ![i.id, ...accountsOf(i, stations.data ?? [])].some((person) => here.has(person)),
  );
  if (missing.length === 0) return null;
  return (
    <section aria-labelledby="not-here" className="flex flex-col gap-1">
      <h3 id="not-here" className="font-medium text-ink-soft text-sm">{t`Not here yet`}</h3>
      <ul className="divide-y divide-line">
        {missing.map((i) => (
          <li key={i.id} className="flex items-center gap-3 py-2">
            <span className="min-w-0 flex-1">
              {i.name} {i.guest ? <Badge>{t`Guest`}</Badge> : null}
            </span>
            <Button small onPress={() => void fetchIn(meeting, [i])}>
              {i.guest ? <Link2 size={16} /> : <Phone size={16} />}
              {i.guest ? t`Copy the link` : t`Call`}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
