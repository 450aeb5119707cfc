import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { parseRange, rangeParams, type TimeRange } from "../time/range";

/** The range that the URL names (null: none), and how to go to another: a new entry of the history. */
export function useTimeRange(): [TimeRange | null, (range: TimeRange | null) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const range = useMemo(() => parseRange(new URLSearchParams(search)), [search]);
  const go = useCallback(
    (next: TimeRange | null) => {
      const params = new URLSearchParams(search);
      params.delete("from");
      params.delete("to");
      if (next !== null) {
        const { from, to } = rangeParams(next);
        params.set("from", from);
        params.set("to", to);
      }
      const query = params.toString();
      navigate(query === "" ? path : `${path}?${query}`);
    },
    [search, path, navigate],
  );
  return [range, go];
}
