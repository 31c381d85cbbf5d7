import { useLingui } from "@lingui/react/macro";
import type { BlockKind } from "../api/types";

/** What kinds of blocks are called. */
export function useKinds(): { [K in BlockKind]: string } {
  const { t } = useLingui();
  return { agenda: t`Agenda item`, discussion: t`Discussion`, decision: t`Decision`, action: t`Action` };
}
