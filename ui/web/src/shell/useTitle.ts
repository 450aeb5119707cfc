import { useEffect } from "react";
import { useAlerts } from "../live/useLive";

/** The tab's title: the number that is firing before the name. */
export function useTitle(): void {
  const firing = useAlerts()?.firing ?? 0;
  useEffect(() => {
    document.title = firing > 0 ? `(${firing}) Daymark` : "Daymark";
  }, [firing]);
}
