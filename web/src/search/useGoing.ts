import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { call } from "../api/client";
import { toast } from "../ui/toast";
import type { Target } from "./rows";

/** Goes where a find leads; a person leads to the chat with them, which is made when it is missing. */
export function useGoing(): (target: Target) => void {
  const { t } = useLingui();
  const navigate = useNavigate();
  const openDirect = async (account: string) => {
    try {
      const room = await call<{ id: string }>("POST", "/rooms/direct", { account });
      await navigate({ to: "/rooms/$room", params: { room: room.id } });
    } catch {
      toast(t`The chat could not be opened.`, { tone: "danger" });
    }
  };
  return (target) => {
    switch (target.to) {
      case "room":
        return void navigate({
          to: "/rooms/$room",
          params: { room: target.room },
          search: target.at ? { at: target.at } : {},
        });
      case "person":
        return void openDirect(target.account);
      case "meeting":
        return void navigate({ to: "/meetings/$meeting", params: { meeting: target.meeting } });
      case "minutes":
        return void navigate({ to: "/minutes/$minutes", params: { minutes: target.minutes } });
      case "contact":
        return void navigate({ to: "/contacts/$contact", params: { contact: target.contact } });
      case "page":
        return void navigate({ to: target.path });
      case "search":
        return void navigate({ to: "/search", search: { q: target.q } });
      default:
        target satisfies never;
    }
  };
}
