import { useEffect, useState } from "react";
import type { QueryState } from "../api/types";
import type { LiveFrame } from "./frame";
import { useLiveClient } from "./LiveContext";

const loading: QueryState<LiveFrame> = { status: "loading" };

/**
 * What each of exprs gives, every stepMs over the last windowMs, kept up to date. On a change of step, of window or
 * of the others each keeps its last frame until the next one arrives. null: watch nothing.
 */
export function useLiveQueries(
  exprs: readonly string[] | null, stepMs: number, windowMs: number,
): readonly QueryState<LiveFrame>[] {
  const live = useLiveClient();
  const [states, setStates] = useState<ReadonlyMap<string, QueryState<LiveFrame>>>(new Map());
  const key = JSON.stringify(exprs);

  useEffect(() => {
    if (exprs === null) return;
    const stops = exprs.map((expr) =>
      live.subscribe(expr, stepMs, windowMs, (state) => {
        setStates((before) => new Map(exprs.map((one) => [one, one === expr ? state : (before.get(one) ?? loading)])));
      }),
    );
    return () => {
      for (const stop of stops) stop();
    };
    // key stands for exprs: callers build the list anew in each render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [live, key, stepMs, windowMs]);

  return exprs === null ? [] : exprs.map((expr) => states.get(expr) ?? loading);
}
