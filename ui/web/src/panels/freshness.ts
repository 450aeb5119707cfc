import type { TimeRange } from "../time/range";

/** How old the newest sample behind a panel is. */
export type Freshness =
  | { readonly kind: "fresh"; readonly ageMs: number }
  | { readonly kind: "stale"; readonly ageMs: number; readonly sinceMs: number }
  /** Nothing is being received: what is shown ends at a moment. */
  | { readonly kind: "until"; readonly ms: number }
  /** The page points at a moment: that is what the numbers are of. */
  | { readonly kind: "at"; readonly ms: number }
  | { readonly kind: "unknown" };

/** When one query was last fed, and how often that is expected; 0 while unknown. */
export interface Feed {
  readonly fedMs: number;
  readonly intervalMs: number;
}

/** The freshness of a panel is that of its oldest query: past two of its intervals it is stale. */
export function freshness(feeds: readonly Feed[], nowMs: number, range: TimeRange, connected: boolean): Freshness {
  if (range.kind === "fixed") return { kind: "until", ms: range.toMs };
  const known = feeds.filter((feed) => feed.fedMs > 0);
  if (known.length === 0) return { kind: "unknown" };
  const lateness = (feed: Feed) => (nowMs - feed.fedMs) / Math.max(1000, feed.intervalMs);
  const oldest = known.reduce((a, b) => (lateness(a) >= lateness(b) ? a : b));
  if (!connected) return { kind: "until", ms: oldest.fedMs };
  const ageMs = Math.max(0, nowMs - oldest.fedMs);
  if (oldest.intervalMs > 0 && ageMs > 2 * oldest.intervalMs) {
    return { kind: "stale", ageMs, sinceMs: oldest.fedMs };
  }
  return { kind: "fresh", ageMs };
}
