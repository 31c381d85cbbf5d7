import { useLingui } from "@lingui/react/macro";
import { Problem } from "../api/problem";

/** Words for a password that was not even looked at: too many were wrong before, or too many are being checked. */
export function useAttemptWords(): (problem: unknown) => string | undefined {
  const { t } = useLingui();
  return (problem) => {
    if (!(problem instanceof Problem)) return undefined;
    if (problem.code === "locked_out") {
      const minutes = Math.max(1, Math.ceil((problem.retryAfter ?? 60) / 60));
      return t`Too many attempts. Please try again in ${minutes} min.`;
    }
    if (problem.code === "sign_in_busy" || problem.code === "unavailable") {
      return t`The hub is busy right now. Please try again in a moment.`;
    }
    return undefined;
  };
}
