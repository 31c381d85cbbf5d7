import { useCallback, useEffect, useState } from "react";
import { call } from "../api/client";
import { isFinal } from "../api/problem";
import type { GuestSession, Invitation } from "../api/types";
import { showLanguage } from "../i18n/language";
import type { Person } from "../wire/messages";

/** What the guest's link turned out to be. */
export type Opened =
  | { phase: "reading" }
  | { phase: "failed" }
  | { phase: "invalid" }
  /** Guest: who this browser already is for this meeting. */
  | { phase: "open"; invitation: Invitation; guest: Person | undefined };

/** Reads the invitation behind a token, and whether this browser has been let in before. */
export function useInvitation(token: string): { opened: Opened; again: () => void } {
  const [opened, setOpened] = useState<Opened>({ phase: "reading" });
  const read = useCallback(async () => {
    setOpened({ phase: "reading" });
    try {
      const invitation = await call<Invitation>("POST", "/guest/link", { token });
      if (localStorage.getItem("yunqiao.language") === null) await showLanguage(readerLanguage(invitation));
      setOpened({ phase: "open", invitation, guest: await known(invitation) });
    } catch (error) {
      const gone = isFinal(error);
      setOpened({ phase: gone ? "invalid" : "failed" });
    }
  }, [token]);
  useEffect(() => {
    void read();
  }, [read]);
  return { opened, again: () => void read() };
}

/** A phone that speaks Chinese is read in Chinese, whatever the host thought; any other in the invitation's language. */
function readerLanguage(invitation: Invitation): Invitation["language"] {
  return navigator.language.startsWith("zh") ? "zh-CN" : invitation.language;
}

async function known(invitation: Invitation): Promise<Person | undefined> {
  try {
    const session = await call<GuestSession>("GET", "/guest/session");
    return session.invitation.meeting_id === invitation.meeting_id ? session.guest : undefined;
  } catch {
    return undefined; // not signed in as a guest, or as one of another meeting
  }
}
