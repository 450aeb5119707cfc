import type { InstantSeries } from "../../api/instant";
import type { Frame, QueryError, QueryState } from "../../api/types";
import { promDuration } from "../../time/duration";
import { counted } from "../../units/format";

/** What has become of one query. */
export type Outcome =
  | { readonly kind: "idle" }
  | { readonly kind: "off" }
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly error: QueryError }
  | {
      readonly kind: "ready";
      readonly series: number;
      /** What stands behind their number: the step of a graph, the kind of a value. */
      readonly detail: string;
      readonly warnings: readonly string[];
      readonly infos: readonly string[];
      /** The last evaluation failed: what is shown is from before. */
      readonly error: QueryError | null;
    };

/** What a query of the table gives: the series at one moment, or a text. */
export interface TableAnswer {
  readonly series: readonly InstantSeries[];
  readonly text: string;
  readonly detail: string;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** How the query of a graph went. */
export function graphOutcome(state: QueryState<Frame>): Outcome {
  if (state.status === "loading") return { kind: "loading" };
  if (state.status === "failed") return { kind: "failed", error: state.error };
  const { series, stepMs, warnings, infos } = state.data;
  return { kind: "ready", series: series.length, detail: `a point every ${promDuration(stepMs)}`, warnings, infos, error: state.error };
}

/** How the query of a table went. */
export function tableOutcome(state: QueryState<TableAnswer>): Outcome {
  if (state.status === "loading") return { kind: "loading" };
  if (state.status === "failed") return { kind: "failed", error: state.error };
  const { series, text, detail, warnings, infos } = state.data;
  return { kind: "ready", series: text === "" ? series.length : 1, detail, warnings, infos, error: state.error };
}

/** A few words on a query that went well. */
export function readyWords(outcome: Outcome & { kind: "ready" }): string {
  return `${counted(outcome.series, "series", "series")}${outcome.detail === "" ? "" : `, ${outcome.detail}`}`;
}
