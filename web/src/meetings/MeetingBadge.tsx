import { useLingui } from "@lingui/react/macro";
import type { Meeting } from "../api/types";
import { Badge } from "../ui/Badge";

/** Where a meeting stands, in one word. */
export function MeetingBadge({ meeting }: { meeting: Pick<Meeting, "state" | "starts_at"> }) {
  const { t } = useLingui();
  switch (meeting.state) {
    case "planned":
      if (Date.parse(meeting.starts_at) < Date.now()) return <Badge tone="warn">{t`Has not begun`}</Badge>;
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
