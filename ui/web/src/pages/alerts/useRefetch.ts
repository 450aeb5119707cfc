import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useAlerts } from "../../live/useLive";

/** Asks for these anew as soon as an alert comes, goes, or is muted: then they have changed, too. */
export function useRefetchOnAlerts(...keys: readonly string[]): void {
  const client = useQueryClient();
  const alerts = useAlerts();
  const shape = alerts === null ? "" : alerts.alerts.map(({ fingerprint, state, status, silencedBy }) => `${fingerprint}${state}${status}${silencedBy.join()}`).join(" ");
  const names = keys.join(" ");
  useEffect(() => {
    if (shape === "") return;
    for (const key of names.split(" ")) void client.invalidateQueries({ queryKey: [key] });
  }, [client, shape, names]);
}
