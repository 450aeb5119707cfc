import { useEffect } from "react";
import { useAlerts } from "../live/useLive";

/** The tab's title: the number that is firing, the page (null: none to name), and whose page it is. */
export function useTitle(page: string | null): void {
  const firing = useAlerts()?.firing ?? 0;
  useEffect(() => {
    const name = page === null ? "Daymark" : `${page} · Daymark`;
    document.title = firing > 0 ? `(${firing}) ${name}` : name;
  }, [firing, page]);
}
