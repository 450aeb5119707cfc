import { useEffect } from "react";
import { useConnection } from "../live/useLive";
import type { PageEntry } from "../parts/pageEntry";

/**
 * Loads the code of all pages once this one is drawn and the browser has time: they open at once, and also when the
 * server has gone away meanwhile. What cannot be loaded is loaded when it is shown, and says so then.
 */
export function useAhead(pages: readonly PageEntry[]): void {
  const live = useConnection().status === "live";
  useEffect(() => {
    if (!live) return;
    let stopped = false;
    const next = (i: number) => {
      const page = pages[i];
      if (page === undefined || stopped) return;
      whenIdle(() => void page.load().then(() => next(i + 1), () => undefined));
    };
    next(0);
    return () => {
      stopped = true;
    };
  }, [live, pages]);
}

/** Safari has no requestIdleCallback. */
function whenIdle(run: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(run);
  else setTimeout(run, 200);
}
