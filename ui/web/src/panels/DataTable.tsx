import { memo } from "react";
import type { Point } from "../api/types";
import type { Aligned } from "../chart/align";
import { localClock } from "../time/clock";
import type { Unit } from "../units/format";
import css from "./DataTable.module.css";
import { exactText, pointText, type NamedLine } from "./series";
import type { PanelQuery } from "./usePanelData";

const columns = 100;

interface RowProps {
  readonly ms: number;
  /** The exact values as one text, so that a row that did not change is not drawn again. */
  readonly exact: string;
  readonly points: readonly Point[];
  readonly units: readonly Unit[];
}

/** One step: its values as the legend writes them, and the exact numbers behind them. */
const Row = memo(
  function Row({ ms, exact, points, units }: RowProps) {
    const values = exact.split("\n");
    return (
      <tr data-ms={ms}>
        <th scope="row">
          <time dateTime={new Date(ms).toISOString()}>{localClock.exact(ms, ms)}</time>
        </th>
        {points.map((point, i) => (
          <td key={i} data-value={values[i]} title={values[i]}>
            {point === null ? "" : pointText(point, units[i] ?? "count")}
          </td>
        ))}
      </tr>
    );
  },
  (before, after) => before.ms === after.ms && before.exact === after.exact && String(before.units) === String(after.units),
);

export interface DataTableProps {
  readonly title: string;
  readonly aligned: Aligned;
  readonly lines: readonly NamedLine[];
  readonly queries: readonly PanelQuery[];
  /** What the values of a query that names no unit count. */
  readonly unit: Unit;
}

/** All that a panel holds: a row for each step, newest first, a column for each series. */
export function DataTable({ title, aligned, lines, queries, unit }: DataTableProps) {
  const listed = lines.slice(0, columns);
  const units = listed.map(({ line, shown }) => shown?.unit ?? queries[line.query]?.unit ?? unit);
  const rows: RowProps[] = [];
  for (let i = aligned.count - 1; i >= 0; i--) {
    const points = listed.map(({ line }) => line.values[i] ?? null);
    rows.push({ ms: aligned.fromMs + i * aligned.stepMs, exact: points.map(exactText).join("\n"), points, units });
  }
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={`Data of ${title}`}>
      <table className={css.table}>
        <caption className={css.caption}>
          {title}: {aligned.count} steps of {aligned.stepMs / 1000} s, newest first
          {lines.length > columns && `; and ${lines.length - columns} more series`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Time ({localClock.zone(aligned.fromMs)})</th>
            {listed.map(({ key, name }) => (
              <th key={key} scope="col" title={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.ms} {...row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
