import { useLingui } from "@lingui/react/macro";
import type { Minutes } from "../api/types";

/** Where minutes stand, in words. */
export function useMinutesState(): { [S in Minutes["state"]]: string } {
  const { t } = useLingui();
  return { draft: t`Draft`, review: t`In review`, signed: t`Signed` };
}
