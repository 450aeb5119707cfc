import { parseDuration, promDuration } from "./duration";

/** What the charts show: a window that ends now and moves, or two fixed moments. */
export type TimeRange =
  | { kind: "live"; windowMs: number }
  | { kind: "fixed"; fromMs: number; toMs: number };

/** The windows that the picker offers. */
export const presets: readonly { windowMs: number; label: string }[] = [
  { windowMs: 300_000, label: "last 5 min" },
  { windowMs: 900_000, label: "last 15 min" },
  { windowMs: 3_600_000, label: "last 1 h" },
  { windowMs: 21_600_000, label: "last 6 h" },
  { windowMs: 86_400_000, label: "last 24 h" },
];

const shortestMs = 5000;
const longestMs = 366 * 86_400_000;

/** A moment of a URL: "now", milliseconds since the epoch, or an ISO date. */
function parseMoment(text: string): number | "now" | null {
  if (text === "now") return "now";
  if (/^\d{10,}$/.test(text)) {
    const n = Number(text);
    return n < 100_000_000_000 ? n * 1000 : n; // ten digits are seconds
  }
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** Reads `from` and `to` of a URL; null when they name no range, so that the caller's default holds. */
export function parseRange(params: URLSearchParams): TimeRange | null {
  const from = params.get("from") ?? "";
  const to = params.get("to") ?? "now";
  const relative = /^now-(.+)$/.exec(from);
  if (relative) {
    const windowMs = parseDuration(relative[1] ?? "");
    if (windowMs === null || to !== "now") return null;
    return { kind: "live", windowMs: Math.min(Math.max(windowMs, shortestMs), longestMs) };
  }
  const start = parseMoment(from);
  const end = parseMoment(to);
  if (typeof start !== "number" || typeof end !== "number" || end <= start) return null;
  return fixedRange(start, end);
}

/** A fixed range of at least 5 s and at most a year, in whole seconds. */
export function fixedRange(fromMs: number, toMs: number): TimeRange {
  const from = Math.floor(Math.min(fromMs, toMs) / 1000) * 1000;
  const to = Math.ceil(Math.max(fromMs, toMs) / 1000) * 1000;
  return { kind: "fixed", fromMs: from, toMs: Math.min(Math.max(to, from + shortestMs), from + longestMs) };
}

/** What `from` and `to` become in the URL. */
export function rangeParams(range: TimeRange): { from: string; to: string } {
  switch (range.kind) {
    case "live":
      return { from: `now-${promDuration(range.windowMs)}`, to: "now" };
    case "fixed":
      return { from: String(range.fromMs), to: String(range.toMs) };
    default:
      return range satisfies never;
  }
}

/** The length of a range. */
export function rangeLength(range: TimeRange): number {
  return range.kind === "live" ? range.windowMs : range.toMs - range.fromMs;
}

/**
 * The window for a page that was opened without one: short enough that scrapes every intervalMs are seen
 * to move, long enough to hold a few dozen of them.
 */
export function defaultWindowMs(intervalMs: number): number {
  if (intervalMs <= 5000) return 300_000;
  return intervalMs <= 15_000 ? 900_000 : 3_600_000;
}

/** fixed, made factor times as long around centre (a moment of it) or around its middle. */
export function zoom(range: { fromMs: number; toMs: number }, factor: number, centreMs?: number): TimeRange {
  const centre = centreMs ?? (range.fromMs + range.toMs) / 2;
  return fixedRange(centre - (centre - range.fromMs) * factor, centre + (range.toMs - centre) * factor);
}
