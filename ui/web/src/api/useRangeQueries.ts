import { useEffect, useState } from "react";
import { queryRange, RequestError } from "./client";
import type { Frame, QueryError, QueryState } from "./types";

const loading: QueryState<Frame> = { status: "loading" };

interface Asked {
  readonly key: string;
  readonly states: readonly QueryState<Frame>[];
}

function failure(reason: unknown): QueryError {
  if (reason instanceof RequestError) return reason.query;
  return { kind: "unavailable", message: "Daymark did not answer; the range is asked for again when you change it" };
}

/** What each of exprs gives over a fixed span of steps, asked for once. null: ask for nothing. */
export function useRangeQueries(
  exprs: readonly string[] | null, span: { fromMs: number; toMs: number; stepMs: number },
): readonly QueryState<Frame>[] {
  const { fromMs, toMs, stepMs } = span;
  const key = JSON.stringify([exprs, fromMs, toMs, stepMs]);
  const [asked, setAsked] = useState<Asked>({ key: "", states: [] });

  useEffect(() => {
    if (exprs === null) return;
    const stop = new AbortController();
    const tell = (at: number, state: QueryState<Frame>) => {
      if (stop.signal.aborted) return;
      setAsked((before) => ({
        key,
        states: exprs.map((_, i) => (i === at ? state : ((before.key === key ? before.states[i] : null) ?? loading))),
      }));
    };
    for (const [at, expr] of exprs.entries()) {
      queryRange(expr, { fromMs, toMs, stepMs }, stop.signal).then(
        (data) => tell(at, { status: "ready", data, error: null }),
        (reason: unknown) => tell(at, { status: "failed", error: failure(reason) }),
      );
    }
    return () => stop.abort();
    // key stands for exprs and the span: callers build them anew in each render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);

  if (exprs === null) return [];
  return exprs.map((_, i) => (asked.key === key ? asked.states[i] : undefined) ?? loading);
}
