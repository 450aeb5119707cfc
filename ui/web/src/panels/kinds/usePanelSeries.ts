import { useSyncExternalStore } from "react";
import type { Field } from "../../api/dashboards";
import type { QueryState } from "../../api/types";
import { drawable, pointAt } from "../../chart/align";
import { reduce } from "../model/reduce";
import { usePanelScope } from "../PanelScope";
import { nameLines, type NamedLine } from "../series";
import { usePanelData, type PanelData } from "../usePanelData";
import type { PanelTarget } from "./usePanelQueries";

/** One series of a panel that shows a number for each. */
export interface ReducedSeries {
  readonly line: NamedLine;
  readonly name: string;
  readonly field: Field;
  /** The calculation's result, or the value where the page points. */
  readonly value: number | null;
}

export interface Reduced {
  readonly data: PanelData;
  readonly lines: readonly NamedLine[];
  readonly series: readonly ReducedSeries[];
  /** Where the page points, as a share of the range; null when it does not. */
  readonly at: number | null;
}

/** The data of a panel that shows a number for each series. */
export function usePanelSeries(targets: readonly PanelTarget[], calc: string): QueryState<Reduced> {
  const state = usePanelData(targets);
  const { cursor } = usePanelScope();
  const pointed = useSyncExternalStore(cursor.listen, cursor.get);
  if (state.status !== "ready") return state;
  const { aligned, fromMs, toMs } = state.data;
  const lines = nameLines(aligned, targets);
  const series = lines.map<ReducedSeries>((line) => ({
    line,
    name: line.name,
    field: targets[line.line.query]?.field(line.line.labels) ?? {},
    value: pointed === null ? reduce(line.line.values, calc) : drawable(pointAt(aligned, line.line, pointed)),
  }));
  const at = pointed === null || toMs <= fromMs ? null : (pointed - fromMs) / (toMs - fromMs);
  return { status: "ready", data: { data: state.data, lines, series, at }, error: state.error };
}
