import { useEffect } from "react";
import { create } from "zustand";

interface Title {
  /** What the page shows; nothing on pages without a name of their own. */
  page: string;
  /** How many notices are unread. */
  unread: number;
}

const useStore = create<Title>()(() => ({ page: "", unread: 0 }));

useStore.subscribe(({ page, unread }) => {
  const count = unread > 0 ? `(${unread > 99 ? "99+" : unread}) ` : "";
  document.title = count + (page === "" ? name : `${page} · ${name}`);
});

const name = "云侨 Yunqiao";

/** Names the page in the browser's tab and history, for as long as it is shown; undefined leaves that to another part. */
export function usePageTitle(page: string | undefined): void {
  useEffect(() => {
    if (page === undefined) return;
    useStore.setState({ page });
    return () => useStore.setState({ page: "" });
  }, [page]);
}

/** Puts the number of unread notices before the title. */
export function useUnreadTitle(unread: number): void {
  useEffect(() => {
    useStore.setState({ unread });
    return () => useStore.setState({ unread: 0 });
  }, [unread]);
}
