import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { call } from "../api/client";
import type { Minutes } from "../api/types";
import { queries } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { moment, zoneName } from "../time/format";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { toast } from "../ui/toast";
import { isSettled, useUnsaved } from "./unsaved";

/** What happens next with the minutes, and who does it. */
export function Steps({ minutes }: { minutes: Minutes }) {
  const { t } = useLingui();
  const zone = useZone();
  const language = currentLanguage();
  switch (minutes.state) {
    case "draft":
      return (
        <Bar text={t`Draft: several people can write at the same time; everything is saved as you type.`}>
          {minutes.return_reason ? (
            <p className="w-full text-warn">{t`Returned: ${minutes.return_reason}`}</p>
          ) : null}
          {minutes.may.submit ? <Submit minutes={minutes} /> : null}
        </Bar>
      );
    case "review":
      return (
        <Bar text={t`In review: whoever signs looks through it now.`}>
          {minutes.may.sign ? (
            <>
              <Return minutes={minutes} />
              <Sign minutes={minutes} />
            </>
          ) : null}
        </Bar>
      );
    case "signed": {
      const at = minutes.signed_at ? moment(new Date(minutes.signed_at), zone, language) : "";
      const where = zoneName(zone, language);
      return (
        <Bar text={t`Signed by ${minutes.signer ?? ""}, ${at} ${where}. This text is final.`}>
          {minutes.may.correct ? <Correct minutes={minutes} /> : null}
        </Bar>
      );
    }
    default:
      return minutes.state satisfies never;
  }
}

function Bar({ text, children }: { text: string; children: ReactNode }) {
  return (
    <section className="flex flex-wrap items-center gap-3 rounded-2xl bg-accent-soft px-5 py-4">
      <p className="min-w-60 flex-1">{text}</p>
      {children}
    </section>
  );
}

/** Takes a step and shows the minutes as they are afterwards. */
function useStep(minutes: Minutes) {
  const { t } = useLingui();
  return async (step: string, body: unknown, done: string): Promise<Minutes | undefined> => {
    try {
      const next = await call<Minutes>("POST", `/minutes/${minutes.id}/${step}`, body);
      queries.setQueryData(["minutes", next.id], next);
      void queries.invalidateQueries({ queryKey: ["meetings"] });
      toast(done);
      return next;
    } catch {
      toast(t`That did not work. Please try again.`, { tone: "danger" });
      void queries.invalidateQueries({ queryKey: ["minutes", minutes.id] });
      return undefined;
    }
  };
}

function Submit({ minutes }: { minutes: Minutes }) {
  const { t } = useLingui();
  const step = useStep(minutes);
  // What is still on its way would come too late for the review.
  const settled = useUnsaved((s) => isSettled(s, minutes.id));
  return (
    <Button
      look="primary"
      isDisabled={!settled}
      onPress={() => void step("submit", undefined, t`Handed over for review.`)}
    >
      {t`Hand over for review`}
    </Button>
  );
}

function Return({ minutes }: { minutes: Minutes }) {
  const { t } = useLingui();
  const step = useStep(minutes);
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  return (
    <>
      <Button onPress={() => setOpen(true)}>{t`Return`}</Button>
      <Confirm
        open={open}
        onClose={() => setOpen(false)}
        title={t`Return the minutes?`}
        action={t`Return`}
        onConfirm={async () => void (await step("return", { reason }, t`Returned to the writers.`))}
      >
        <Field label={t`What is to be changed`} rows={3} value={reason} onChange={setReason} />
      </Confirm>
    </>
  );
}

function Sign({ minutes }: { minutes: Minutes }) {
  const { t } = useLingui();
  const { account } = useSession();
  const step = useStep(minutes);
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look="primary" onPress={() => setOpen(true)}>
        {t`Sign`}
      </Button>
      <Confirm
        open={open}
        onClose={() => setOpen(false)}
        title={t`Sign the minutes?`}
        action={t`Sign`}
        onConfirm={async () => void (await step("sign", undefined, t`The minutes are signed.`))}
      >
        <p className="pb-4">{t`They get their number and can no longer be changed. A correction makes a new version.`}</p>
        <p>{t`You sign as ${account.name}.`}</p>
      </Confirm>
    </>
  );
}

function Correct({ minutes }: { minutes: Minutes }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const step = useStep(minutes);
  const correct = async () => {
    const next = await step("correct", undefined, t`A new version has been made.`);
    if (next) await navigate({ to: "/minutes/$minutes", params: { minutes: next.id } });
  };
  return <Button onPress={() => void correct()}>{t`Correct in a new version`}</Button>;
}
