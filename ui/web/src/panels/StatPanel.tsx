import type { ReactNode } from "react";
import { Sparkline } from "../chart/Sparkline";
import { formatParts, type Unit } from "../units/format";
import { DataTable } from "./DataTable";
import { PanelFrame } from "./PanelFrame";
import { PanelMessage } from "./PanelMessage";
import { nameLines } from "./series";
import css from "./StatPanel.module.css";
import type { PanelQuery } from "./usePanelData";
import { useSingle } from "./useSingle";

export interface StatPanelProps {
  readonly title: string;
  /** The first query is the number; the others are at hand for detail. */
  readonly queries: readonly PanelQuery[];
  readonly unit: Unit;
  /** What the sparkline's top means where it is fixed: 1 for a ratio. */
  readonly full?: number;
  readonly detail?: (values: readonly (number | null)[]) => ReactNode;
  readonly empty?: string;
}

const height = 84;

/** One number, large, with its course behind it. */
export function StatPanel({ title, queries, unit, full, detail, empty = "No samples in this range." }: StatPanelProps) {
  const state = useSingle(queries);
  if (state.status !== "ready") {
    return (
      <PanelFrame title={title} freshness={{ kind: "unknown" }}>
        <PanelMessage height={height} state={state.status === "failed" ? { kind: "failed", error: state.error } : { kind: "loading" }} />
      </PanelFrame>
    );
  }
  const { data, values, course, at } = state.data;
  if (state.data.empty) {
    return (
      <PanelFrame title={title} freshness={data.freshness} error={state.error}>
        <PanelMessage height={height} state={{ kind: "empty", text: empty }} />
      </PanelFrame>
    );
  }
  const { number, suffix } = formatParts(values[0], unit);
  const highest = Math.max(0, ...course.map((value) => value ?? 0));
  return (
    <PanelFrame
      title={title}
      freshness={data.freshness}
      error={state.error}
      table={() => <DataTable title={title} aligned={data.aligned} lines={nameLines(data.aligned, queries)} queries={queries} unit={unit} />}
    >
      <div className={css.stat} style={{ minHeight: height }}>
        <p className={css.number}>
          {number}
          {suffix !== "" && <span className={css.unit}>{suffix}</span>}
        </p>
        <p className={css.detail}>{detail?.(values)}</p>
        <div className={css.spark}>
          <Sparkline values={course} max={full ?? highest * 1.1} at={at} stale={data.freshness.kind === "stale"} />
        </div>
      </div>
    </PanelFrame>
  );
}
