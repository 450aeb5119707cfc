import type { DashboardSummary } from "../api/dashboards";
import type { Alerts, Targets } from "../api/types";
import type { PageEntry } from "../parts/pageEntry";
import { presets, type TimeRange } from "../time/range";
import { alertHref, dashboardHref, exploreHref, targetHref } from "../url/links";

export type PaletteKind = "page" | "dashboard" | "alert" | "target" | "metric" | "time" | "colours";

/** Something the palette can do. */
export interface PaletteAction {
  readonly id: string;
  readonly kind: PaletteKind;
  readonly label: string;
  readonly description: string;
  /** More words under which it is found. */
  readonly keywords: readonly string[];
  readonly run: () => void;
}

export interface PaletteDeeds {
  readonly goTo: (path: string) => void;
  readonly setRange: (range: TimeRange) => void;
  readonly setScheme: (scheme: "light" | "dark" | "auto") => void;
}

const schemes = [
  ["light", "Light colours"],
  ["dark", "Dark colours"],
  ["auto", "Colours as the system"],
] as const;

/** What the palette knows of. */
export interface PaletteWorld {
  readonly pages: readonly PageEntry[];
  readonly dashboards: readonly DashboardSummary[];
  readonly alerts: Alerts | null;
  readonly targets: Targets | null;
  /** Those that were found for what has been typed. */
  readonly metrics: readonly string[];
}

/** Everything that can be reached: pages, dashboards, what fires, what is down, the targets, metrics, times and colours. */
export function paletteActions({ pages, dashboards, alerts, targets, metrics }: PaletteWorld, deeds: PaletteDeeds): readonly PaletteAction[] {
  const down = (health: string) => Number(health !== "down");
  const scraped = (targets?.pools ?? [])
    .flatMap(({ job, targets: list }) => list.map((target) => ({ job, target })))
    .sort((a, b) => down(a.target.health) - down(b.target.health));
  return [
    ...pages.map(({ path, label, keywords = [] }) => ({
      id: `page ${path}`,
      kind: "page" as const,
      label,
      description: "Page",
      keywords,
      run: () => deeds.goTo(path),
    })),
    ...dashboards.map(({ uid, title, description, tags }) => ({
      id: `dashboard ${uid}`,
      kind: "dashboard" as const,
      label: title,
      description: "Dashboard",
      keywords: [description, ...tags],
      run: () => deeds.goTo(dashboardHref(uid)),
    })),
    ...(alerts?.alerts ?? []).map((alert) => ({
      id: `alert ${alert.state} ${alert.fingerprint}`,
      kind: "alert" as const,
      label: alert.name,
      description: `Alert, ${alert.state}${alert.severity === "none" ? "" : `, ${alert.severity}`}`,
      keywords: [alert.summary, ...Object.values(alert.labels)],
      run: () => deeds.goTo(alertHref(alert.fingerprint)),
    })),
    ...scraped.map(({ job, target }) => ({
      id: `target ${job} ${target.url} ${target.instance}`,
      kind: "target" as const,
      label: target.instance,
      description: `Target of job ${job}, ${target.health}`,
      keywords: [target.url],
      run: () => deeds.goTo(targetHref(job, target.instance)),
    })),
    ...metrics.map((metric) => ({
      id: `metric ${metric}`,
      kind: "metric" as const,
      label: metric,
      description: "Metric, in Explore",
      keywords: [],
      run: () => deeds.goTo(exploreHref([selectMetric(metric)])),
    })),
    ...presets.map(({ windowMs, label }) => ({
      id: `range ${windowMs}`,
      kind: "time" as const,
      label: `Show the ${label}`,
      description: "Time",
      keywords: ["range", "window", "time"],
      run: () => deeds.setRange({ kind: "live", windowMs }),
    })),
    ...schemes.map(([scheme, label]) => ({
      id: `scheme ${scheme}`,
      kind: "colours" as const,
      label,
      description: "Colours",
      keywords: ["theme", "scheme", "mode"],
      run: () => deeds.setScheme(scheme),
    })),
  ];
}

/** The expression that selects a metric: one beyond the old alphabet stands in braces. */
function selectMetric(metric: string): string {
  return /^[A-Za-z_:][A-Za-z0-9_:]*$/.test(metric) ? metric : `{${JSON.stringify(metric)}}`;
}

/** So many of one kind while others are found too. */
const mostOfAKind = 5;
const most = 12;

/** How well an action is called by words: 0 not at all, the more the better. */
function likeness(action: PaletteAction, words: readonly string[]): number {
  const label = action.label.toLowerCase();
  const around = [action.description, ...action.keywords].join(" ").toLowerCase();
  if (!words.every((word) => label.includes(word) || around.includes(word))) return 0;
  const whole = words.join(" ");
  if (label === whole) return 5;
  if (label.startsWith(whole)) return 4;
  if (label.includes(whole)) return 3;
  return words.every((word) => label.includes(word)) ? 2 : 1;
}

/** The actions that query calls for, the best first: every word must be found. Without a query, those that come first anyway. */
export function findActions(query: string, actions: readonly PaletteAction[]): readonly PaletteAction[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter((word) => word !== "");
  const found = actions
    .map((action) => ({ action, score: words.length === 0 ? 1 : likeness(action, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ action }) => action);
  const alone = new Set(found.map(({ kind }) => kind)).size <= 1;
  const counts = new Map<PaletteKind, number>();
  const first = found.filter(({ kind }) => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return alone || count <= mostOfAKind;
  });
  return first.slice(0, most);
}
