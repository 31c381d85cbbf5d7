import { useLingui } from "@lingui/react/macro";
import { Copy, Link2, Link2Off, MailX, RefreshCw } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import type { Invitee, InviteeLink, Meeting } from "../api/types";
import { queries } from "../app/queries";
import { useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { moment, zoneName } from "../time/format";
import { dayShift, isNight } from "../time/zones";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { copyText } from "../ui/copyText";
import { Confirm, Dialog } from "../ui/Dialog";
import { IconButton } from "../ui/IconButton";
import { Select } from "../ui/Select";
import { toast } from "../ui/toast";

/** Who is invited, on which clock, and the links of those who come as guests. */
export function Invitees({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  if (meeting.invitees.length === 0) return <p className="text-ink-soft">{t`Nobody has been invited.`}</p>;
  return (
    <ul className="flex flex-col divide-y divide-line">
      {meeting.invitees.map((i) => (
        <Row key={i.id} meeting={meeting} invitee={i} />
      ))}
    </ul>
  );
}

function Row({ meeting, invitee }: { meeting: Meeting; invitee: Invitee }) {
  const { t } = useLingui();
  const language = currentLanguage();
  const at = new Date(meeting.starts_at);
  const responses = { unknown: undefined, accepted: t`Accepted`, declined: t`Declined` };
  const response = responses[invitee.response];
  const shift = dayShift(at, invitee.time_zone, useZone());
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 py-2.5">
      <Avatar name={invitee.name} size={34} />
      <div className="min-w-48 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          {invitee.name}
          {invitee.guest ? <Badge>{t`Guest`}</Badge> : null}
          {invitee.came === false ? <Badge tone="warn">{t`Did not come`}</Badge> : null}
          {response ? (
            <Badge tone={invitee.response === "accepted" ? "good" : "danger"}>{response}</Badge>
          ) : null}
        </p>
        <p className="tabular text-ink-faint text-sm">
          {moment(at, invitee.time_zone, language)} {zoneName(invitee.time_zone, language)}
          {shift === 0 ? "" : ` (${shift > 0 ? t`the next day` : t`the day before`})`}
          {isNight(at, invitee.time_zone) ? ` · ${t`Night there`}` : ""}
        </p>
        {invitee.undelivered ? (
          <p className="flex gap-1.5 text-danger text-sm wrap-anywhere">
            <MailX size={16} className="mt-0.5 shrink-0" aria-hidden="true" />
            <span>
              {t`The letter to ${invitee.email ?? invitee.name} could not be delivered. Hand the invitation over by another way, or correct the address.`}
              <span className="block text-ink-faint">{invitee.undelivered}</span>
            </span>
          </p>
        ) : null}
      </div>
      {invitee.guest && mayHandOut(meeting) ? <LinkTools meeting={meeting} invitee={invitee} /> : null}
    </li>
  );
}

/** Links are handed out until the meeting is over, also to somebody who asks for theirs while it goes on. */
function mayHandOut(meeting: Meeting): boolean {
  return meeting.may.moderate && (meeting.state === "planned" || meeting.state === "live");
}

function LinkTools({ meeting, invitee }: { meeting: Meeting; invitee: Invitee }) {
  const { t } = useLingui();
  const [link, setLink] = useState<InviteeLink>();
  const [asking, setAsking] = useState(false);
  const path = `/meetings/${meeting.id}/invitees/${invitee.id}/link`;
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch {
      toast(t`That did not work. Try again.`, { tone: "danger" });
    }
  };
  const show = () => attempt(async () => setLink(await call<InviteeLink>("GET", path)));
  const renew = () =>
    attempt(async () => {
      setLink(await call<InviteeLink>("POST", `${path}/renew`));
      await queries.invalidateQueries({ queryKey: ["meetings", meeting.id] });
    });
  const revoke = () =>
    attempt(async () => {
      await call("POST", `${path}/revoke`);
      await queries.invalidateQueries({ queryKey: ["meetings", meeting.id] });
      toast(t`The link of ${invitee.name} no longer works.`);
    });
  const active = invitee.link_state === "active";
  return (
    <div className="flex flex-wrap items-center gap-2">
      {invitee.link_state === "revoked" ? <Badge tone="danger">{t`Link revoked`}</Badge> : null}
      {invitee.link_state === "expired" ? <Badge tone="warn">{t`Link expired`}</Badge> : null}
      {active ? (
        <>
          <Button small onPress={() => void show()} aria-label={t`Show the link of ${invitee.name}`}>
            <Link2 size={16} />
            {t`Link`}
          </Button>
          <Button
            small
            look="plain"
            onPress={() => setAsking(true)}
            aria-label={t`Revoke the link of ${invitee.name}`}
          >
            <Link2Off size={16} />
            {t`Revoke`}
          </Button>
        </>
      ) : (
        <Button small onPress={() => void renew()} aria-label={t`New link for ${invitee.name}`}>
          <RefreshCw size={16} />
          {t`New link`}
        </Button>
      )}
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={t`Revoke the link of ${invitee.name}?`}
        action={t`Revoke`}
        danger
        onConfirm={revoke}
      >
        {t`Whoever is in the meeting with it is put out at once. You can make a new link afterwards.`}
      </Confirm>
      {link ? <LinkDialog link={link} invitee={invitee} onClose={() => setLink(undefined)} /> : null}
    </div>
  );
}

interface LinkDialogProps {
  link: InviteeLink;
  invitee: Invitee;
  onClose: () => void;
}

/** One block of text that fits into WeChat: what, when on whose clock, and the link. */
function LinkDialog({ link, invitee, onClose }: LinkDialogProps) {
  const { t } = useLingui();
  const [language, setLanguage] = useState<"zh-CN" | "en">(invitee.language === "en" ? "en" : "zh-CN");
  const text = language === "en" ? link.text_en : link.text_zh;
  const copy = (what: string) => void copyText(what, t`Copied.`, t`Please select the text and copy it.`);
  const footer = (
    <>
      <Button onPress={() => copy(link.url)}>
        <Link2 size={18} />
        {t`Copy the link only`}
      </Button>
      <Button look="primary" onPress={() => copy(text)}>
        <Copy size={18} />
        {t`Copy the invitation`}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={t`Invitation for ${invitee.name}`} footer={footer}>
      <div className="flex flex-col gap-4">
        <Select
          label={t`Language of the invitation`}
          value={language}
          options={[
            { value: "zh-CN", label: "简体中文" },
            { value: "en", label: "English" },
          ]}
          onChange={setLanguage}
        />
        <pre className="select-all whitespace-pre-wrap wrap-anywhere rounded-xl bg-sunken p-4 font-sans text-sm">
          {text}
        </pre>
        <p className="text-ink-faint text-sm">{t`The link is for this one person and this one meeting.`}</p>
        <Machines link={link.url} />
      </div>
    </Dialog>
  );
}

/** Where an encoder sends to and a player receives from, in place of a person (WHIP and WHEP). */
function Machines({ link }: { link: string }) {
  const { t } = useLingui();
  const { origin, hash } = new URL(link);
  const lines = [
    { label: t`Send as camera (WHIP)`, value: `${origin}/whip` },
    { label: t`Send as shared screen (WHIP)`, value: `${origin}/whip/screen` },
    { label: t`Receive (WHEP)`, value: `${origin}/whep` },
    { label: t`Bearer token`, value: hash.slice(1) },
  ];
  return (
    <details className="rounded-xl border border-line px-4 py-3">
      <summary className="cursor-pointer font-medium">{t`For an encoder or a hall's player`}</summary>
      <p className="mt-2 text-ink-soft text-sm">
        {t`Invite the machine as a guest of its own and enter this in place of opening the link. It waits to be admitted like everybody else.`}
      </p>
      <dl className="mt-3 flex flex-col gap-2">
        {lines.map(({ label, value }) => (
          <div key={label} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <dt className="w-full text-ink-faint text-sm sm:w-52">{label}</dt>
            <dd className="min-w-0 flex-1 select-all truncate rounded-lg bg-sunken px-2.5 py-1.5 font-mono text-sm">
              {value}
            </dd>
            <IconButton
              label={t`Copy: ${label}`}
              onPress={() => void copyText(value, t`Copied.`, t`Please select the text and copy it.`)}
            >
              <Copy size={18} />
            </IconButton>
          </div>
        ))}
      </dl>
    </details>
  );
}
