import { useQueries } from "@tanstack/react-query";
import { RequestError } from "../../api/client";
import { queryInstant, type Instant, type InstantSeries } from "../../api/instant";
import type { Frame, QueryState } from "../../api/types";
import { useConnection, useServerNow, useStatus } from "../../live/useLive";
import { useLiveQueries } from "../../live/useLiveQueries";
import { freshness, type Freshness } from "../../panels/freshness";
import { usePanelScope } from "../../panels/PanelScope";
import { snapStep } from "../../time/step";
import type { TableAnswer } from "./outcome";

/** Values at the end of the range: of every query, and how old they are. */
export interface TableStates {
  readonly answers: readonly QueryState<TableAnswer>[];
  readonly freshness: Freshness;
}

/** A range selector or a text: what no step can be drawn of, so that it is asked for again and again instead. */
function isNoSeries(state: QueryState<Frame>): boolean {
  return state.status === "failed" && state.error.kind === "parse" && /range vector|string/i.test(state.error.message);
}

/** The newest step of a frame that grows. */
export function newestOf(frame: Frame): readonly InstantSeries[] {
  const last = Math.round((frame.toMs - frame.fromMs) / frame.stepMs);
  return frame.series.flatMap(({ labels, values }) => {
    const value = values[last] ?? null;
    return value === null ? [] : [{ labels, points: [{ ms: frame.toMs, value }] }];
  });
}

const details = { vector: "", scalar: "a single number", matrix: "with their samples", string: "a text" } as const;

function ofInstant({ type, series, text, warnings, infos }: Instant): TableAnswer {
  return { series, text, detail: details[type], warnings, infos };
}

/** How often that is asked for which cannot be streamed. */
const againMs = 5000;

/** What exprs give at the end of the page's range: streamed while it is live. null: ask for nothing. */
export function useTable(exprs: readonly string[] | null): TableStates {
  const { range } = usePanelScope();
  const status = useStatus();
  const nowMs = useServerNow();
  const connected = useConnection().status === "live";
  const live = range.kind === "live";
  // Steps as close as samples come: what stands in the table is never older than a scrape.
  const intervalMs = status === null ? 1000 : status.host ? status.inProcessIntervalMs : status.scrapeIntervalMs;
  const stepMs = snapStep(Math.min(Math.max(intervalMs, 1000), 15_000));
  const streamed = useLiveQueries(live && exprs !== null ? exprs : null, stepMs, 5 * stepMs);
  const list = exprs ?? [];
  const asked = useQueries({
    queries: list.map((expr, i) => {
      const state = streamed[i];
      const needed = !live || (state !== undefined && isNoSeries(state));
      return {
        queryKey: ["instant", expr, live ? null : range.toMs],
        queryFn: ({ signal }: { signal: AbortSignal }) => queryInstant(expr, live ? null : range.toMs, signal),
        enabled: needed,
        refetchInterval: live ? againMs : (false as const),
      };
    }),
  });
  const answers = list.map((_, i): QueryState<TableAnswer> => {
    const state = streamed[i];
    if (live && (state === undefined || !isNoSeries(state))) {
      if (state?.status !== "ready") return state ?? { status: "loading" };
      const { warnings, infos } = state.data;
      return { status: "ready", data: { series: newestOf(state.data), text: "", detail: "", warnings, infos }, error: state.error };
    }
    const answer = asked[i];
    const error = answer?.error === null || answer?.error === undefined ? null : asQueryError(answer.error);
    if (answer?.data !== undefined) return { status: "ready", data: ofInstant(answer.data), error };
    return error === null ? { status: "loading" } : { status: "failed", error };
  });
  const feeds = live ? streamed.flatMap((state) => (state.status === "ready" ? [{ fedMs: state.data.fedMs, intervalMs: state.data.intervalMs }] : [])) : [];
  return { answers, freshness: freshness(feeds, nowMs, range, connected) };
}

function asQueryError(reason: Error) {
  return reason instanceof RequestError ? reason.query : { kind: "unavailable" as const, message: reason.message };
}
