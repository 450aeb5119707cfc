import type { Point } from "../api/types";
import type { Aligned, Line } from "../chart/align";
import { assignInk, labelKey, type Ink } from "../chart/palette";
import { formatValue, type Scale, type Unit } from "../units/format";
import type { PanelQuery, Shown } from "./usePanelData";

/** A line with its name and its ink. */
export interface NamedLine {
  readonly key: string;
  readonly name: string;
  readonly ink: Ink;
  readonly line: Line;
  readonly shown: Shown | null;
}

/** How many series a chart draws; the table has them all. */
export const drawnSeries = 40;

/** Names and inks for the lines of a panel: in the given order of names, by query where they say how they are shown, then by name. */
export function nameLines(aligned: Aligned, queries: readonly PanelQuery[], order: readonly string[] = []): readonly NamedLine[] {
  const first = new Map<string, number>();
  const named = aligned.lines.map((line) => {
    const name = queries[line.query]?.name(line.labels) ?? labelKey(line.labels);
    // Without labels, a series is told from others by what the panel calls it.
    const own = Object.keys(line.labels).length === 0;
    const shown = queries[line.query]?.shown?.(line.labels) ?? null;
    const what = own ? name : labelKey(line.labels);
    // The same labels in another query of the panel are another line.
    if (!first.has(what)) first.set(what, line.query);
    const colour = first.get(what) === line.query ? what : `${what} ${line.query}`;
    return { name, line, shown, key: `${line.query}:${what}`, colour };
  }).filter(({ shown }) => shown?.hidden !== true);
  const place = (name: string) => {
    const i = order.indexOf(name);
    return i < 0 ? order.length : i;
  };
  named.sort((a, b) => place(a.name) - place(b.name) || (a.shown === null ? 0 : a.line.query - b.line.query) || a.name.localeCompare(b.name, "en") || a.key.localeCompare(b.key, "en"));
  const inks = assignInk(named.map((one) => one.colour), named.map((one) => one.shown?.colour ?? null));
  return named.map(({ key, name, line, shown }, i) => ({ key, name, line, shown, ink: inks[i] ?? { colour: 0, dash: [] } }));
}

/** A point as text; a native histogram by its count and sum. */
export function pointText(point: Point, unit: Unit, scale?: Scale): string {
  if (point === null || typeof point === "number") return formatValue(point, unit, scale);
  return `histogram: count ${point.count}, sum ${point.sum}`;
}

/** A point exactly, as Prometheus writes it; "" where there is none. */
export function exactText(point: Point): string {
  if (point === null) return "";
  if (typeof point !== "number") return `histogram: count ${point.count}, sum ${point.sum}`;
  if (Number.isNaN(point)) return "NaN";
  if (!Number.isFinite(point)) return point > 0 ? "+Inf" : "-Inf";
  return String(point);
}
