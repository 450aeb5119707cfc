/** One expression and whether it is asked. */
export interface QueryRow {
  readonly expr: string;
  readonly on: boolean;
}

/** What Explore shows, as its address says it. */
export interface ExploreState {
  readonly rows: readonly QueryRow[];
  readonly tab: "graph" | "table";
}

/** More queries than this are not shown side by side. */
export const mostRows = 12;

/** Reads `expr` (repeated), `off` (the places of those that are switched off, from 1) and `tab`. */
export function readState(params: URLSearchParams): ExploreState {
  const off = new Set(params.getAll("off"));
  const rows = params
    .getAll("expr")
    .map((expr, i) => ({ expr, on: !off.has(String(i + 1)) }))
    .filter(({ expr }) => expr.trim() !== "")
    .slice(0, mostRows);
  return { rows, tab: params.get("tab") === "table" ? "table" : "graph" };
}

/** params with state instead of what they said of Explore; the time and whatever else stays. */
export function withState(params: URLSearchParams, { rows, tab }: ExploreState): URLSearchParams {
  const next = new URLSearchParams();
  const kept = rows.filter(({ expr }) => expr.trim() !== "");
  for (const { expr } of kept) next.append("expr", expr);
  for (const [i, { on }] of kept.entries()) if (!on) next.append("off", String(i + 1));
  if (tab === "table") next.set("tab", tab);
  for (const [name, value] of params) if (!["expr", "off", "tab"].includes(name)) next.append(name, value);
  return next;
}

/** One text for what rows ask; empty rows ask nothing. */
export function rowsKey(rows: readonly QueryRow[]): string {
  return JSON.stringify(rows.filter(({ expr }) => expr.trim() !== "").map(({ expr, on }) => [expr, on]));
}
