import type { Alert, Delivery, Silence } from "../../api/types";
import { localClock, type Clock } from "../../time/clock";

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

function silenceWords({ createdBy, comment, endsMs }: Silence, nowMs: number, clock: Clock): string {
  const until = endsMs > 0 ? ` until ${clock.short(endsMs, nowMs)}` : "";
  const by = createdBy === "" ? "" : ` by ${createdBy}`;
  const why = comment === "" ? "" : `: "${comment}"`;
  return `Silenced${until}${by}${why}.`;
}

/** Why nobody is paged for this alert, or "" where somebody is. */
export function mutedWords(alert: Alert, nowMs: number, clock: Clock = localClock): string {
  const words: string[] = [];
  const { silencedBy, silences, inhibitedBy } = alert;
  for (const silence of silences) words.push(silenceWords(silence, nowMs, clock));
  const unknown = silencedBy.filter((id) => !silences.some((silence) => silence.id === id));
  if (unknown.length > 0) words.push(`Silenced by ${unknown.join(", ")}.`);
  if (inhibitedBy.length > 0) {
    words.push(inhibitedBy.length === 1 ? "Inhibited by another alert." : `Inhibited by ${inhibitedBy.length} other alerts.`);
  }
  if (words.length === 0 && alert.status === "suppressed") words.push("Muted by a time interval of its route.");
  return words.join(" ");
}
