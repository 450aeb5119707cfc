import type { Alerts, Targets } from "../api/types";
import type { PageEntry } from "../parts/pageEntry";
import { presets, type TimeRange } from "../time/range";
import { alertHref, targetHref } from "../url/links";

/** Something the palette can do. */
export interface PaletteAction {
  readonly id: string;
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

/** Everything that can be reached: pages, what fires, what is down, the targets, times and colours. */
export function paletteActions(
  pages: readonly PageEntry[], alerts: Alerts | null, targets: Targets | null, deeds: PaletteDeeds,
): readonly PaletteAction[] {
  const down = (health: string) => Number(health !== "down");
  const scraped = (targets?.pools ?? [])
    .flatMap(({ job, targets: list }) => list.map((target) => ({ job, target })))
    .sort((a, b) => down(a.target.health) - down(b.target.health));
  return [
    ...pages.map(({ path, label, keywords = [] }) => ({
      id: `page ${path}`,
      label,
      description: "Page",
      keywords,
      run: () => deeds.goTo(path),
    })),
    ...(alerts?.alerts ?? []).map((alert) => ({
      id: `alert ${alert.state} ${alert.fingerprint}`,
      label: alert.name,
      description: `Alert, ${alert.state}${alert.severity === "none" ? "" : `, ${alert.severity}`}`,
      keywords: [alert.summary, ...Object.values(alert.labels)],
      run: () => deeds.goTo(alertHref(alert.fingerprint)),
    })),
    ...scraped.map(({ job, target }) => ({
      id: `target ${job} ${target.url} ${target.instance}`,
      label: target.instance,
      description: `Target of job ${job}, ${target.health}`,
      keywords: [target.url],
      run: () => deeds.goTo(targetHref(job, target.instance)),
    })),
    ...presets.map(({ windowMs, label }) => ({
      id: `range ${windowMs}`,
      label: `Show the ${label}`,
      description: "Time",
      keywords: ["range", "window", "time"],
      run: () => deeds.setRange({ kind: "live", windowMs }),
    })),
    ...schemes.map(([scheme, label]) => ({
      id: `scheme ${scheme}`,
      label,
      description: "Colours",
      keywords: ["theme", "scheme", "mode"],
      run: () => deeds.setScheme(scheme),
    })),
  ];
}
