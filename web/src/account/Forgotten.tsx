import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { call } from "../api/client";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { useAttemptWords } from "./useAttemptWords";

/** For who has forgotten the password: the administrators are asked for a link that sets a new one. */
export function Forgotten({ typed }: { typed: string }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look="plain" wide onPress={() => setOpen(true)}>
        {t`Forgot your password?`}
      </Button>
      {open ? <Asking typed={typed} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Asking({ typed, onClose }: { typed: string; onClose: () => void }) {
  const { t } = useLingui();
  const [login, setLogin] = useState(typed);
  const [state, setState] = useState<"typing" | "pending" | "asked">("typing");
  const [error, setError] = useState<string>();
  const attemptWords = useAttemptWords();
  const ask = async () => {
    setState("pending");
    setError(undefined);
    try {
      await call("POST", "/password/forgotten", { login: login.trim() });
      setState("asked");
    } catch (problem) {
      setState("typing");
      setError(attemptWords(problem) ?? t`That did not work. Please try again.`);
    }
  };
  if (state === "asked") {
    return (
      <Dialog
        open
        onClose={onClose}
        title={t`The administrators have been asked`}
        footer={
          <Button look="primary" onPress={onClose}>
            {t`Close`}
          </Button>
        }
      >
        <p>
          {t`If there is such an account, an administrator sends you a link with which you choose a new password.`}
        </p>
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={t`Forgot your password?`}
      footer={
        <>
          <Button onPress={onClose}>{t`Cancel`}</Button>
          <Button
            look="primary"
            isDisabled={login.trim() === ""}
            isPending={state === "pending"}
            onPress={() => void ask()}
          >
            {t`Ask the administrators`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <p className="text-ink-soft">
          {t`The administrators are told that you need a new password, and send you a link for it.`}
        </p>
        <Field
          label={t`User name or e-mail`}
          value={login}
          onChange={setLogin}
          error={error}
          autoComplete="username"
          autoFocus
        />
      </div>
    </Dialog>
  );
}
