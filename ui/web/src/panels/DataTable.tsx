import { memo } from "react";
import type { Point } from "../api/types";
import type { Aligned } from "../chart/align";
import { localClock } from "../time/clock";
import css from "./DataTable.module.css";
import { exactText, type NamedLine } from "./series";

const columns = 100;

interface RowProps {
  readonly ms: number;
  readonly cells: string;
}

/** One step. Its cells come as one text, so that a row that did not change is not drawn again. */
const Row = memo(function Row({ ms, cells }: RowProps) {
  return (
    <tr data-ms={ms}>
      <th scope="row">
        <time dateTime={new Date(ms).toISOString()}>{localClock.exact(ms, ms)}</time>
      </th>
      {cells.split("\n").map((cell, i) => (
        <td key={i}>{cell}</td>
      ))}
    </tr>
  );
});

export interface DataTableProps {
  readonly title: string;
  readonly aligned: Aligned;
  readonly lines: readonly NamedLine[];
}

/** All that a panel holds: a row for each step, newest first, a column for each series. */
export function DataTable({ title, aligned, lines }: DataTableProps) {
  const listed = lines.slice(0, columns);
  const rows: RowProps[] = [];
  for (let i = aligned.count - 1; i >= 0; i--) {
    const cell = (value: Point | undefined) => exactText(value ?? null);
    rows.push({
      ms: aligned.fromMs + i * aligned.stepMs,
      cells: listed.map(({ line }) => cell(line.values[i])).join("\n"),
    });
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
