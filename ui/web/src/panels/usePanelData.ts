import { useMemo, useState } from "react";
import { useRangeQueries } from "../api/useRangeQueries";
import type { Frame, Labels, Point, QueryError, QueryState } from "../api/types";
import { align, type Aligned } from "../chart/align";
import type { Look } from "../chart/options";
import { useConnection, useServerNow, useStatus } from "../live/useLive";
import { useLiveQueries } from "../live/useLiveQueries";
import { useItems } from "../parts/useItems";
import { floorToStep } from "../time/step";
import type { Unit } from "../units/format";
import { freshness, type Feed, type Freshness } from "./freshness";
import { usePanelScope } from "./PanelScope";

/** One expression of a panel, and what its series are called. */
export interface PanelQuery {
  readonly expr: string;
  readonly name: (labels: Labels) => string;
  /** What its values count, where that is not what the panel shows. */
  readonly unit?: Unit;
  /** How one of its series is shown, where that differs from the others. */
  readonly shown?: (labels: Labels) => Shown;
}

/** How one series is shown. */
export interface Shown extends Look {
  readonly unit: Unit;
  readonly text: (point: Point) => string;
  /** Its place in the scheme's colours; null: by its labels. */
  readonly colour: number | null;
  readonly hidden: boolean;
}

export interface PanelData {
  readonly aligned: Aligned;
  readonly freshness: Freshness;
  /** The span to draw; its end moves with the server's clock while the range is live. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The last evaluation failed: what is shown is from before. */
  readonly error: QueryError | null;
  readonly warnings: readonly string[];
}

/** The data of a panel, and what has become of each of its queries. */
export interface PanelStates {
  readonly panel: QueryState<PanelData>;
  /** One for each query: a panel whose other queries work draws those. */
  readonly queries: readonly QueryState<Frame & Partial<Feed>>[];
}

const feedOf = (state: QueryState<Frame & Partial<Feed>>): Feed =>
  state.status === "ready"
    ? { fedMs: state.data.fedMs ?? 0, intervalMs: state.data.intervalMs ?? 0 }
    : { fedMs: 0, intervalMs: 0 };

/** The data of a panel: streamed while the page's range is live, asked for once where it is fixed. */
export function usePanelData(queries: readonly PanelQuery[]): QueryState<PanelData> {
  return usePanelStates(queries).panel;
}

/** usePanelData with the state of every query. */
export function usePanelStates(queries: readonly PanelQuery[]): PanelStates {
  const { range, stepMs, idle = false } = usePanelScope();
  const nowMs = useServerNow();
  const connected = useConnection().status === "live";
  const historyRead = useStatus()?.ready !== false;
  const exprs = queries.map((query) => query.expr);
  const live = range.kind === "live";

  const fixed = live
    ? { fromMs: 0, toMs: 0, stepMs }
    : { fromMs: Math.ceil(range.fromMs / stepMs) * stepMs, toMs: floorToStep(range.toMs, stepMs), stepMs };
  const streamed = useLiveQueries(live && !idle ? exprs : null, stepMs, live ? range.windowMs : 0);
  const asked = useRangeQueries(live || idle ? null : exprs, fixed);
  const states: readonly QueryState<Frame & Partial<Feed>>[] = live ? streamed : asked;

  // Frames are replaced, never changed: their identities say whether anything moved.
  const frames = useItems(
    exprs.map((_, i) => {
      const state = states[i];
      return state?.status === "ready" ? state.data : null;
    }),
  );
  const fresh = useMemo(() => align(frames), [frames]);
  // On the way to another range the panel keeps what it drew: nothing flashes, and the focus stays where it is.
  const [kept, setKept] = useState(fresh);
  if (fresh !== kept && fresh.count > 0) setKept(fresh);

  const error = states.find((state) => state.status !== "loading" && state.error !== null);
  const failed = error?.status === "failed" || error?.status === "ready" ? error.error : null;
  // While history is being read every panel fails alike; the page says so once.
  const reading = !historyRead && failed?.kind === "unavailable";
  if (fresh.count === 0 && failed !== null && !reading) return { panel: { status: "failed", error: failed }, queries: states };
  const aligned = fresh.count > 0 ? fresh : kept;
  if (aligned.count === 0) return { panel: { status: "loading" }, queries: states };

  const newest = aligned.fromMs + (aligned.count - 1) * aligned.stepMs;
  const toMs = live ? Math.max(newest, connected ? floorToStep(nowMs, stepMs) : 0) : range.toMs;
  const data: PanelData = {
    aligned,
    freshness: freshness(states.map(feedOf), nowMs, range, connected),
    fromMs: live ? toMs - range.windowMs : range.fromMs,
    toMs,
    error: failed,
    warnings: frames.flatMap((frame) => frame?.warnings ?? []),
  };
  return { panel: { status: "ready", data, error: failed }, queries: states };
}
