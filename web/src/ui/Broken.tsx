import { useLingui } from "@lingui/react/macro";
import { Component, type ReactNode } from "react";
import { Failed } from "./states";
import { toast } from "./toast";

/** Stands where a page could not be fetched or shown. Trying again never leaves for the browser's own error page. */
export function Broken() {
  const { t } = useLingui();
  const retry = () =>
    fetch("/healthz", { cache: "no-store" }).then(
      () => location.reload(),
      () => toast(t`The server cannot be reached at the moment.`, { tone: "danger" }),
    );
  return (
    <Failed
      text={t`This page could not be loaded. Please check your connection.`}
      onRetry={() => void retry()}
    />
  );
}

/** Shows Broken instead of an empty window when something below it fails. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}
