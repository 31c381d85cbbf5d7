import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { createRoot } from "react-dom/client";
import { Boundary } from "../ui/Broken";
import { Toasts } from "../ui/Toasts";
import { JoinPage } from "./JoinPage";

/** Shows the guest's page. */
export function show(root: HTMLElement): void {
  createRoot(root).render(
    <I18nProvider i18n={i18n}>
      <Boundary>
        <JoinPage token={location.hash.slice(1)} />
      </Boundary>
      <Toasts />
    </I18nProvider>,
  );
}
