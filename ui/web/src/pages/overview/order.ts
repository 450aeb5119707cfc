import type { Alert } from "../../api/types";

function place(alert: Alert): number {
  if (alert.state === "pending") return 2;
  return alert.status === "suppressed" ? 1 : 0;
}

/** Those that page first, then those that fire and page nobody, pending last; else as the server orders them. */
export function byUrgency(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.toSorted((a, b) => place(a) - place(b));
}
