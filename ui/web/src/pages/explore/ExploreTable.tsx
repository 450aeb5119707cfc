import { memo, useMemo, useState } from "react";
import type { QueryState } from "../../api/types";
import type { Freshness } from "../../panels/freshness";
import { PanelFrame } from "../../panels/PanelFrame";
import { PanelMessage } from "../../panels/PanelMessage";
import { exactText } from "../../panels/series";
import actions from "../../parts/actions.module.css";
import { CopyButton } from "../../parts/CopyButton";
import { useItems } from "../../parts/useItems";
import { localClock } from "../../time/clock";
import { counted, formatCount } from "../../units/format";
import css from "./ExploreTable.module.css";
import type { TableAnswer } from "./outcome";
import { csv, given, labelColumns, sortRows, type Sorting, type TableRow } from "./table";

/** So many rows at once, and so many labels as columns. */
const step = 100;
const mostColumns = 30;

export interface ExploreTableProps {
  readonly exprs: readonly string[];
  /** What the queries are called in the page. */
  readonly letters: readonly string[];
  readonly answers: readonly QueryState<TableAnswer>[];
  readonly freshness: Freshness;
}

/** The values at the end of the range: a row for each series, a column for each label. */
export function ExploreTable({ exprs, letters, answers, freshness }: ExploreTableProps) {
  const [sorting, setSorting] = useState<Sorting>(given);
  const [shown, setShown] = useState(step);
  // Answers are replaced, never changed.
  const datas = useItems(answers.map((state) => (state.status === "ready" ? state.data : null)));
  const rows = useMemo(
    () =>
      datas.flatMap((data, query) =>
        (data?.series ?? []).map<TableRow>(({ labels, points }) => {
          const newest = points.at(-1);
          return { query, labels, points, ms: newest?.ms ?? 0, value: newest?.value ?? null };
        }),
      ),
    [datas],
  );
  const texts = datas.flatMap((data, i) => (data === null || data.text === "" ? [] : [{ letter: letters[i] ?? "", text: data.text }]));
  const { columns, others } = useMemo(() => labelColumns(rows, mostColumns), [rows]);
  const sorted = useMemo(() => sortRows(rows, sorting), [rows, sorting]);
  const several = exprs.length > 1;
  const failed = answers.find((state) => state.status === "failed");
  const listed = sorted.slice(0, shown);
  const atMs = rows.reduce((newest, { ms }) => Math.max(newest, ms), 0);

  if (rows.length === 0 && texts.length === 0) {
    return (
      <PanelFrame title="Table" freshness={freshness}>
        <PanelMessage
          height={200}
          state={
            failed !== undefined
              ? { kind: "failed", error: failed.error }
              : answers.some(({ status }) => status === "loading")
                ? { kind: "loading" }
                : { kind: "empty", text: "No series at the end of this range." }
          }
        />
      </PanelFrame>
    );
  }

  const header = (label: string, by: Sorting["by"], text: string) => {
    const mine = sorting.by.kind === by.kind && (by.kind !== "label" || (sorting.by.kind === "label" && sorting.by.name === by.name));
    const next: Sorting = !mine ? { by, down: by.kind === "value" } : sorting.down === (by.kind === "value") ? { by, down: !sorting.down } : given;
    return (
      <th key={text} scope="col" aria-sort={mine ? (sorting.down ? "descending" : "ascending") : "none"}>
        <button type="button" className={css.sort} title={`Sort by ${text}`} onClick={() => setSorting(next)}>
          {label}
          <span className={css.arrow} aria-hidden="true">
            {mine ? (sorting.down ? "↓" : "↑") : ""}
          </span>
        </button>
      </th>
    );
  };

  return (
    <PanelFrame title="Table" note={atMs === 0 ? undefined : `at ${localClock.exact(atMs, atMs)}`} freshness={freshness}>
      {texts.map(({ letter, text }) => (
        <p key={letter} className={css.text}>
          {several && `${letter}: `}
          {text}
        </p>
      ))}
      {rows.length > 0 && (
        <>
          <p className={css.line}>
            <span>
              {counted(rows.length, "series", "series")}
              {rows.length > listed.length && `, the first ${formatCount(listed.length)} shown`}
              {others > 0 && `; ${counted(others, "more label")} in the copy`}
            </span>
            <CopyButton text={() => csv(sorted, exprs)} label="Copy the table as CSV" word="Copy as CSV" />
          </p>
          <div className={css.scroll} tabIndex={0} role="region" aria-label="Values">
            <table className={css.table}>
              <thead>
                <tr>
                  {several && header("Query", { kind: "query" }, "query")}
                  {header("Value", { kind: "value" }, "value")}
                  {columns.map((name) => header(name === "__name__" ? "Metric" : name, { kind: "label", name }, name))}
                </tr>
              </thead>
              <tbody>
                {listed.map(({ query, labels, points, value }) => (
                  <Row
                    key={`${query} ${JSON.stringify(labels)}`}
                    letter={several ? (letters[query] ?? "") : null}
                    value={points.length > 1 ? points.map((point) => `${exactText(point.value)} @${point.ms / 1000}`).join("\n") : exactText(value)}
                    cells={columns.map((name) => labels[name] ?? "").join("\u0000")}
                  />
                ))}
              </tbody>
            </table>
          </div>
          {rows.length > listed.length && (
            <button type="button" className={actions.text} onClick={() => setShown(shown + step)}>
              Show {formatCount(Math.min(step, rows.length - listed.length))} more of {formatCount(rows.length - listed.length)}
            </button>
          )}
        </>
      )}
    </PanelFrame>
  );
}

/** A row that is drawn again only when it changed. */
const Row = memo(function Row({ letter, value, cells }: { letter: string | null; value: string; cells: string }) {
  return (
    <tr>
      {letter !== null && <td className={css.letter}>{letter}</td>}
      <td className={css.value}>{value}</td>
      {cells.split("\u0000").map((cell, i) => (
        <td key={i} title={cell}>
          {cell}
        </td>
      ))}
    </tr>
  );
});
