import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { Boundary } from "../ui/Broken";
import { Toasts } from "../ui/Toasts";
import { queries } from "./queries";
import { router } from "./router";

/** Shows the client of people with an account. */
export function show(root: HTMLElement): void {
  createRoot(root).render(
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <Boundary>
          <RouterProvider router={router} />
        </Boundary>
        <Toasts />
      </QueryClientProvider>
    </I18nProvider>,
  );
}
