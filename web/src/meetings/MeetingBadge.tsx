import { useLingui } from "@lingui/react/macro";
import type { Meeting } from "../api/types";
import { Badge } from "../ui/Badge";

/** Where a meeting stands, in one word. */
export function MeetingBadge({ meeting }: { meeting: Pick<Meeting, "state"> }) {
  const { t } = useLingui();
  switch (meeting.state) {
    case "planned":
      return <Badge tone="accent">{t`Planned`}</Badge>;
    case "live":
      return <Badge tone="good">{t`In progress`}</Badge>;
    case "ended":
      return <Badge>{t`Ended`}</Badge>;
    case "cancelled":
      return <Badge tone="danger">{t`Cancelled`}</Badge>;
    default:
      return meeting.state satisfies never;
  }
}
