import { useSyncExternalStore } from "react";
import type { QueryState } from "../api/types";
import { drawable, lastPoint, pointAt } from "../chart/align";
import { usePanelScope } from "./PanelScope";
import { usePanelData, type PanelData, type PanelQuery } from "./usePanelData";

/** A panel that shows one number of each of its queries. */
export interface Single {
  readonly data: PanelData;
  /** The first series of each query: its newest value, or the one where the page points; null where there is none. */
  readonly values: readonly (number | null)[];
  /** The course of the first query's series. */
  readonly course: readonly (number | null)[];
  /** Where the page points, as a share of the range; null when it does not. */
  readonly at: number | null;
  readonly empty: boolean;
}

export function useSingle(queries: readonly PanelQuery[]): QueryState<Single> {
  const state = usePanelData(queries);
  const { cursor } = usePanelScope();
  const pointed = useSyncExternalStore(cursor.listen, cursor.get);
  if (state.status !== "ready") return state;
  const { aligned, fromMs, toMs } = state.data;
  const first = queries.map((_, query) => aligned.lines.find((line) => line.query === query));
  const values = first.map((line) => {
    if (line === undefined) return null;
    return drawable(pointed === null ? lastPoint(line.values) : pointAt(aligned, line, pointed));
  });
  // The course covers the whole range, so that a short history stands at its right end.
  const steps = Math.max(1, Math.round((toMs - fromMs) / aligned.stepMs));
  const start = Math.round((fromMs - aligned.fromMs) / aligned.stepMs);
  const course = Array.from({ length: steps + 1 }, (_, i) => drawable(first[0]?.values[start + i]));
  const single: Single = {
    data: state.data,
    values,
    course,
    at: pointed === null ? null : (pointed - fromMs) / (toMs - fromMs),
    empty: aligned.lines.length === 0,
  };
  return { status: "ready", data: single, error: state.error };
}
