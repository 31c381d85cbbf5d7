import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

const after = 2000;

/** Fetches the other pages once this one is shown: who loses the connection later still gets around. */
export function usePagesAhead(): void {
  const router = useRouter();
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const route of Object.values(router.routesById)) void router.loadRouteChunk(route);
    }, after);
    return () => clearTimeout(timer);
  }, [router]);
}

/**
 * A part of the client that could not be fetched is an error like any other.
 * The router would load the window anew for the browser's own error: without
 * a connection that is the browser's empty page, and what was written is gone.
 */
export function whole<T>(load: () => Promise<T>): () => Promise<T> {
  return () =>
    load().catch((cause: unknown) => {
      throw new Error("a part of the client could not be fetched", { cause });
    });
}
