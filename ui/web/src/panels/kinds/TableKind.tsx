import { useState } from "react";
import type { Panel, View } from "../../api/dashboards";
import { fieldText, levelOf, shareOf } from "../model/field";
import { sortRows, tableModel, type Cell, type Column } from "../model/table";
import { PanelFrame } from "../PanelFrame";
import { PanelMessage } from "../PanelMessage";
import { usePanelData } from "../usePanelData";
import { LevelWord } from "./LevelWord";
import { NoData } from "./NoData";
import css from "./TableKind.module.css";
import type { PanelTarget } from "./usePanelQueries";

const shown = 200;

export interface TableKindProps {
  readonly panel: Panel;
  readonly view: Extract<View, { kind: "table" }>;
  readonly title: string;
  readonly targets: readonly PanelTarget[];
}

function CellView({ cell, column, greatest }: { cell: Cell; column: Column; greatest: number }) {
  const { field } = column;
  if (!column.numeric || typeof cell === "string") return <td title={String(cell ?? "")}>{cell}</td>;
  const text = fieldText(cell, field);
  const tone = levelOf(cell, field);
  const coloured = field.cell === "color-text" || field.cell === "color-background" || field.cell === "gauge";
  const share = field.cell === "gauge" ? shareOf(cell, field, greatest) : null;
  return (
    <td className={css.numeric} data-value={cell ?? ""} data-tone={coloured ? tone : undefined}>
      <span className={css.cell}>
        {share !== null && (
          <span className={css.bar} aria-hidden="true">
            <span className={css.part} style={{ width: `${(share * 100).toFixed(1)}%` }} />
          </span>
        )}
        {coloured && <LevelWord tone={tone} />} <span>{text}</span>
      </span>
    </td>
  );
}

/** A panel of type table: the newest values, a row for each set of labels. */
export function TableKind({ panel, view, title, targets }: TableKindProps) {
  const state = usePanelData(targets);
  const [chosen, setChosen] = useState<{ id: string; desc: boolean } | null>(null);
  if (state.status !== "ready") {
    return (
      <PanelFrame title={title} freshness={{ kind: "unknown" }}>
        <PanelMessage height={120} state={state.status === "failed" ? { kind: "failed", error: state.error } : { kind: "loading" }} />
      </PanelFrame>
    );
  }
  const { columns, rows } = tableModel(state.data.aligned, panel, view);
  if (rows.length === 0) {
    return (
      <PanelFrame title={title} freshness={state.data.freshness} error={state.error}>
        <PanelMessage height={120} state={{ kind: "empty", text: <NoData exprs={targets.map(({ expr }) => expr)} noValue={panel.defaults.noValue} /> }} />
      </PanelFrame>
    );
  }
  const [asked] = view.sortBy;
  const usual = asked === undefined ? undefined : columns.find(({ name, id }) => name === asked.column || id === asked.column);
  const sort = chosen ?? (usual === undefined || asked === undefined ? null : { id: usual.id, desc: asked.desc });
  const sorted = sortRows(rows, columns.findIndex(({ id }) => id === sort?.id), sort?.desc === true);
  const greatest = columns.map((_, i) => Math.max(0, ...rows.map((row) => (typeof row[i] === "number" ? row[i] : 0))));
  const turn = (id: string) => setChosen(sort?.id === id ? { id, desc: !sort.desc } : { id, desc: columns.find((column) => column.id === id)?.numeric === true });
  return (
    <PanelFrame title={title} note={rows.length > shown ? `the first ${shown} of ${rows.length} rows` : undefined} freshness={state.data.freshness} error={state.error}>
      <div className={css.scroll} tabIndex={0} role="region" aria-label={`Table of ${title}`}>
        <table className={css.table}>
          {view.header && (
            <thead>
              <tr>
                {columns.map(({ id, name, numeric }) => (
                  <th key={id} scope="col" className={numeric ? css.numeric : undefined} aria-sort={sort?.id === id ? (sort.desc ? "descending" : "ascending") : undefined}>
                    <button type="button" className={css.sort} onClick={() => turn(id)} title={name}>
                      {name}
                      <span aria-hidden="true" className={css.arrow}>
                        {sort?.id === id && (
                          <svg width="8" height="8" viewBox="0 0 8 8">
                            <path d={sort.desc ? "M1 2.5h6L4 6.5Z" : "M1 5.5h6L4 1.5Z"} fill="currentColor" />
                          </svg>
                        )}
                      </span>
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {sorted.slice(0, shown).map((row) => (
              <tr key={JSON.stringify(row.filter((_, i) => columns[i]?.numeric !== true))}>
                {columns.map((column, i) => (
                  <CellView key={column.id} cell={row[i] ?? null} column={column} greatest={greatest[i] ?? 0} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </PanelFrame>
  );
}
