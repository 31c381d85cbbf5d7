import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Navigate, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { CallLayer } from "../calls/CallLayer";
import { chooseLanguage } from "../i18n/language";
import { Failed, Loading } from "../ui/states";
import { usePagesAhead } from "./preload";
import { accountQuery } from "./queries";
import { SessionProvider } from "./session";

/** Lets in who is signed in, and sends everybody else to the sign-in page and back. */
export function Private() {
  const { t } = useLingui();
  const account = useQuery(accountQuery);
  const { href } = useLocation();
  const language = account.data?.language;
  usePagesAhead();
  useEffect(() => {
    if (language) void chooseLanguage(language);
  }, [language]);
  if (account.isPending) return <Loading />;
  if (account.isError) {
    return (
      <Failed text={t`The server cannot be reached at the moment.`} onRetry={() => void account.refetch()} />
    );
  }
  // While the sign-in page is being fetched, this one is still shown at its address.
  if (!account.data && href.startsWith("/signin")) return <Loading />;
  if (!account.data) return <Navigate to="/signin" search={href === "/" ? {} : { to: href }} replace />;
  return (
    <SessionProvider key={account.data.id} account={account.data}>
      <CallLayer>
        <Outlet />
      </CallLayer>
    </SessionProvider>
  );
}
