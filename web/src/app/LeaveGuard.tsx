import { useLingui } from "@lingui/react/macro";
import { useBlocker } from "@tanstack/react-router";
import { Confirm } from "../ui/Dialog";

/** Asks before another page, Back or closing takes away what was written in a form. */
export function LeaveGuard({ unsaved }: { unsaved: boolean }) {
  const { t } = useLingui();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => unsaved && next.pathname !== current.pathname,
    enableBeforeUnload: () => unsaved,
    withResolver: true,
  });
  return (
    <Confirm
      open={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      title={t`Leave without saving?`}
      action={t`Discard and leave`}
      danger
      onConfirm={() => blocker.proceed?.()}
    >
      {t`What you have written on this page will be lost.`}
    </Confirm>
  );
}

/** Whether a form holds something else than it began with. */
export function differs<Draft>(draft: Draft, first: Draft): boolean {
  return draft !== first && JSON.stringify(draft) !== JSON.stringify(first);
}
