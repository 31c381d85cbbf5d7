import { useLingui } from "@lingui/react/macro";
import { Nowhere } from "../ui/Nowhere";

/** For an address that leads nowhere. */
export function NotFound() {
  const { t } = useLingui();
  return <Nowhere title={t`There is no such page`} />;
}
