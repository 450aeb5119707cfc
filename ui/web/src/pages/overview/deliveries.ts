import type { Alert, Delivery } from "../../api/types";

/** Where an alert's pages went, one line for each receiver and integration: the newest attempt. */
export type Sent =
  | { readonly kind: "sent"; readonly to: string; readonly atMs: number }
  | { readonly kind: "failed"; readonly to: string; readonly atMs: number; readonly error: string }
  | { readonly kind: "shown"; readonly atMs: number }
  | { readonly kind: "waiting"; readonly to: string };

function name(delivery: Delivery): string {
  return delivery.integration === "" ? delivery.receiver : `${delivery.receiver} (${delivery.integration})`;
}

/** The newest attempt of each, failures first; a receiver without any attempt waits. */
export function sentLines(alert: Alert): readonly Sent[] {
  const newest = new Map<string, Delivery>();
  for (const delivery of alert.deliveries) {
    const before = newest.get(name(delivery));
    if (before === undefined || delivery.atMs >= before.atMs) newest.set(name(delivery), delivery);
  }
  const lines = [...newest.values()].map<Sent>((delivery) => {
    const { atMs, ok, error, integration } = delivery;
    if (integration === "ui") return { kind: "shown", atMs };
    return ok ? { kind: "sent", to: name(delivery), atMs } : { kind: "failed", to: name(delivery), atMs, error };
  });
  lines.sort((a, b) => Number(b.kind === "failed") - Number(a.kind === "failed"));
  const tried = new Set(alert.deliveries.map((delivery) => delivery.receiver));
  if (alert.state === "firing" && alert.status !== "suppressed") {
    for (const receiver of alert.receivers) {
      if (!tried.has(receiver)) lines.push({ kind: "waiting", to: receiver });
    }
  }
  return lines;
}

/** Why nobody is paged for this alert, or "" where somebody is. */
export function mutedWords(alert: Alert): string {
  const words: string[] = [];
  const { silencedBy, inhibitedBy } = alert;
  if (silencedBy.length > 0) words.push(`Silenced by ${silencedBy.join(", ")}.`);
  if (inhibitedBy.length > 0) {
    words.push(inhibitedBy.length === 1 ? "Inhibited by another alert." : `Inhibited by ${inhibitedBy.length} other alerts.`);
  }
  if (words.length === 0 && alert.status === "suppressed") words.push("Muted by a time interval of its route.");
  return words.join(" ");
}
