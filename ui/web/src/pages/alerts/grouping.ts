import type { Alert, Severity } from "../../api/types";
import { matching } from "../../matchers/match";
import type { Matcher } from "../../matchers/matcher";

/** Which alerts the reader wants to see. */
export interface AlertFilter {
  readonly matchers: readonly Matcher[];
  /** "" for any. */
  readonly receiver: string;
  /** Words, all of which stand somewhere in the alert; "" for none. */
  readonly words: string;
}

/** The alerts of one severity, as they are listed. */
export interface SeverityGroup {
  readonly severity: Severity;
  readonly alerts: readonly Alert[];
}

const order: readonly Severity[] = ["critical", "warning", "info", "none"];

/** Firing and paging, firing and muted, pending. */
function place(alert: Alert): number {
  if (alert.state === "pending") return 2;
  return alert.status === "suppressed" ? 1 : 0;
}

function holds(alert: Alert, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = [alert.name, alert.summary, alert.description, ...Object.entries(alert.labels).flat()].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The alerts that the filter leaves; null where a regular expression cannot be read here. */
export function filterAlerts(alerts: readonly Alert[], { matchers, receiver, words }: AlertFilter): readonly Alert[] | null {
  const matches = matching(matchers);
  if (matches === null) return null;
  const wanted = words.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return alerts.filter(
    (alert) => matches(alert.labels) && (receiver === "" || alert.receivers.includes(receiver)) && holds(alert, wanted),
  );
}

/** By severity, the worst first; in each what pages before what is muted, pending last, the oldest first. */
export function bySeverity(alerts: readonly Alert[]): readonly SeverityGroup[] {
  return order
    .map((severity) => ({
      severity,
      alerts: alerts
        .filter((alert) => alert.severity === severity)
        .sort((a, b) => place(a) - place(b) || a.sinceMs - b.sinceMs || a.fingerprint.localeCompare(b.fingerprint, "en")),
    }))
    .filter((group) => group.alerts.length > 0);
}

/** The expression in a link that this Daymark made to its own graph; null for any other link. */
export function ownExpression(generatorUrl: string, externalUrl: string): string | null {
  if (generatorUrl === "" || externalUrl === "" || !generatorUrl.startsWith(externalUrl)) return null;
  try {
    return new URL(generatorUrl).searchParams.get("g0.expr");
  } catch {
    return null;
  }
}
