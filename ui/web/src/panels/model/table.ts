import type { Field, Panel, View } from "../../api/dashboards";
import type { Labels } from "../../api/types";
import { drawable, lastPoint, type Aligned } from "../../chart/align";
import { fieldFor } from "./field";
import { displayName } from "./names";

export interface Column {
  /** The name before it is changed: a label's, "Value" or "Value #A". */
  readonly id: string;
  readonly name: string;
  readonly field: Field;
  readonly numeric: boolean;
}

export type Cell = string | number | null;

export interface TableModel {
  readonly columns: readonly Column[];
  /** A cell for each column. */
  readonly rows: readonly (readonly Cell[])[];
}

/** A table of the newest values: labels are columns, each target adds one of values, and what has the same labels stands in one row. */
export function tableModel(aligned: Aligned, panel: Panel, view: Extract<View, { kind: "table" }>): TableModel {
  const shown = panel.targets.filter(({ hide, expr }) => !hide && expr !== "");
  const labelNames = new Set<string>();
  const rows = new Map<string, { labels: Labels; values: Map<number, number> }>();
  for (const { query, labels, values } of aligned.lines) {
    const value = drawable(lastPoint(values));
    if (value === null) continue;
    const names = Object.keys(labels).filter((name) => name !== "__name__" || shown.length === 1).sort();
    const key = JSON.stringify(names.map((name) => [name, labels[name]]));
    for (const name of names) labelNames.add(name);
    const row = rows.get(key) ?? { labels, values: new Map<number, number>() };
    row.values.set(query, value);
    rows.set(key, row);
  }
  const valueIds = shown.map(({ refId }) => (shown.length === 1 ? "Value" : `Value #${refId}`));
  const { exclude, rename, order } = view.organize;
  const ids = [...[...labelNames].sort(), ...valueIds].filter((id) => !exclude.includes(id));
  const place = (id: string) => order[id] ?? Number.MAX_SAFE_INTEGER;
  const columns = ids
    .map<Column>((id) => {
      const target = shown[valueIds.indexOf(id)];
      const field = fieldFor(panel, { name: rename[id] ?? id, refId: target?.refId ?? "" });
      const byId = rename[id] === undefined ? field : { ...field, ...fieldFor({ defaults: {}, overrides: panel.overrides }, { name: id, refId: "" }) };
      const name = byId.displayName === undefined ? (rename[id] ?? id) : displayName(byId.displayName, id, {});
      return { id, name, field: byId, numeric: target !== undefined };
    })
    .filter(({ field }) => field.hidden !== true)
    .sort((a, b) => place(a.id) - place(b.id));
  const cells = [...rows.values()].map(({ labels, values }) =>
    columns.map<Cell>(({ id, numeric }) => (numeric ? (values.get(valueIds.indexOf(id)) ?? null) : (labels[id] ?? ""))),
  );
  return { columns, rows: cells };
}

/** Rows by one column; those without a value come last either way. Without a column, by the first ones. */
export function sortRows(rows: TableModel["rows"], column: number, desc: boolean): TableModel["rows"] {
  const compare = (a: Cell | undefined, b: Cell | undefined) => {
    const missing = Number(a === null || a === undefined) - Number(b === null || b === undefined);
    if (missing !== 0) return missing;
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
    return desc ? -order : order;
  };
  return [...rows].sort((a, b) => compare(a[column], b[column]) || String(a).localeCompare(String(b), "en"));
}
