import type { Labels, Point } from "../../api/types";
import { exactText } from "../../panels/series";

/** One series of the table: what it is and what it was at one moment. */
export interface TableRow {
  /** The place of its query among those shown, from 0. */
  readonly query: number;
  readonly labels: Labels;
  readonly ms: number;
  readonly value: Point;
  /** The points of a range selector, newest last; of others only the one. */
  readonly points: readonly { readonly ms: number; readonly value: Point }[];
}

/** What the table is sorted by: a label, its value, its query, or the order in which the server gave it. */
export interface Sorting {
  readonly by: { readonly kind: "given" | "value" | "query" } | { readonly kind: "label"; readonly name: string };
  readonly down: boolean;
}

export const given: Sorting = { by: { kind: "given" }, down: false };

/** The labels of rows as columns: the metric's name first, then by name. Those that would be too many are left to others. */
export function labelColumns(rows: readonly TableRow[], most: number): { columns: readonly string[]; others: number } {
  const names = new Set<string>();
  for (const { labels } of rows) for (const name of Object.keys(labels)) names.add(name);
  const sorted = [...names].sort((a, b) => (a === "__name__" ? -1 : b === "__name__" ? 1 : a < b ? -1 : 1));
  return { columns: sorted.slice(0, most), others: Math.max(0, sorted.length - most) };
}

/** A number to sort by; null for what has no size: histograms by their count. */
function size(value: Point): number | null {
  if (value === null) return null;
  const n = typeof value === "number" ? value : Number(value.count);
  return Number.isNaN(n) ? null : n;
}

const collator = new Intl.Collator("en", { numeric: true });

/** rows in order; equal ones keep the order in which they came, and what has no value stands at the end. */
export function sortRows(rows: readonly TableRow[], { by, down }: Sorting): readonly TableRow[] {
  const direction = down ? -1 : 1;
  switch (by.kind) {
    case "given":
      return rows;
    case "query":
      return rows.toSorted((a, b) => direction * (a.query - b.query));
    case "value":
      return rows.toSorted((a, b) => {
        const [x, y] = [size(a.value), size(b.value)];
        if (x === null || y === null) return Number(x === null) - Number(y === null);
        return x === y ? 0 : direction * (x < y ? -1 : 1);
      });
    case "label": {
      const { name } = by;
      return rows.toSorted((a, b) => {
        const [x, y] = [a.labels[name], b.labels[name]];
        if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
        return direction * collator.compare(x, y);
      });
    }
    default:
      return by satisfies never;
  }
}

/** A field of RFC 4180. */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** rows as CSV: the time, the value exactly, the query where there are several, and every label. */
export function csv(rows: readonly TableRow[], exprs: readonly string[]): string {
  const { columns } = labelColumns(rows, Infinity);
  const several = exprs.length > 1;
  const head = ["time", "value", ...(several ? ["query"] : []), ...columns];
  const lines = rows.flatMap(({ query, labels, points }) =>
    points.map(({ ms, value }) => [
      new Date(ms).toISOString(), exactText(value), ...(several ? [exprs[query] ?? ""] : []), ...columns.map((name) => labels[name] ?? ""),
    ]),
  );
  return [head, ...lines].map((line) => line.map(field).join(",")).join("\r\n") + "\r\n";
}
