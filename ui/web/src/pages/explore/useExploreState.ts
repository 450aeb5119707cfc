import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { readState, withState, type ExploreState } from "./address";

/** What the address says, and how to go to another: a new entry of the history. */
export function useExploreState(): [ExploreState, (next: Partial<ExploreState>) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const state = useMemo(() => readState(new URLSearchParams(search)), [search]);
  const go = useCallback(
    (next: Partial<ExploreState>) => {
      const before = new URLSearchParams(search);
      const query = withState(before, { ...readState(before), ...next }).toString();
      if (query !== before.toString()) navigate(query === "" ? path : `${path}?${query}`);
    },
    [search, path, navigate],
  );
  return [state, go];
}
