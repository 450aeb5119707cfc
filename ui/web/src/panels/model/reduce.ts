import type { Point } from "../../api/types";
import { drawable } from "../../chart/align";

/** The number that stands for a series, by a calculation's name in Grafana; an unknown one is taken for the newest value. */
export function reduce(points: readonly Point[], calc: string): number | null {
  const values = points.map(drawable).filter((value) => value !== null);
  const newest = values.at(-1) ?? null;
  const [first = null] = values;
  if (newest === null || first === null) return calc === "count" ? 0 : null;
  const sum = () => values.reduce((a, b) => a + b, 0);
  switch (calc) {
    case "last":
      return drawable(points.at(-1));
    case "first":
      return drawable(points[0]);
    case "firstNotNull":
      return first;
    case "mean":
      return sum() / values.length;
    case "sum":
      return sum();
    case "min":
      return values.reduce((a, b) => Math.min(a, b));
    case "max":
      return values.reduce((a, b) => Math.max(a, b));
    case "count":
      return values.length;
    case "range":
      return values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
    case "diff":
      return newest - first;
    case "delta":
      return values.slice(1).reduce((total, value, i) => total + Math.max(0, value - (values[i] ?? 0)), 0);
    default:
      return newest;
  }
}

/** A calculation in words, for a legend. */
export function calcName(calc: string): string {
  return { lastNotNull: "last", firstNotNull: "first", mean: "mean", sum: "sum", min: "min", max: "max" }[calc] ?? calc;
}
