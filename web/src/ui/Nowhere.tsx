import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { Empty } from "./states";

/** The page for what is not there, or not for who asks: says so, and leads home. */
export function Nowhere({ title }: { title: string }) {
  const { t } = useLingui();
  return (
    <div className="flex min-h-[70dvh] flex-col justify-center">
      <Empty icon={<Compass size={32} />} title={title}>
        <Link to="/" className="text-accent underline underline-offset-4">{t`To the home page`}</Link>
      </Empty>
    </div>
  );
}
