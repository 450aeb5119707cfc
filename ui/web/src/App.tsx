import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { Redirect, Route, Switch } from "wouter";
import { CursorStore } from "./chart/cursor";
import { useLiveClient } from "./live/LiveContext";
import { useMissingChunks, useStatus } from "./live/useLive";
import { NotFoundPage } from "./pages/NotFoundPage";
import { PanelScopeProvider, type PanelScope } from "./panels/PanelScope";
import { Shell } from "./shell/Shell";
import { useContentWidth } from "./shell/useContentWidth";
import { useTitle } from "./shell/useTitle";
import { defaultWindowMs, fixedRange, parseRange, rangeLength } from "./time/range";
import { autoStep } from "./time/step";
import { useTimeRange } from "./url/useTimeRange";

const OverviewPage = lazy(() => import("./pages/overview/OverviewPage").then((page) => ({ default: page.OverviewPage })));

/** The routes, and what every page's panels share. */
export function App() {
  useMissingChunks();
  useTitle();
  const [chosen, setRange] = useTimeRange();
  const status = useStatus();
  const interval = status === null ? 1000 : status.host ? status.inProcessIntervalMs : status.scrapeIntervalMs;
  const usualMs = defaultWindowMs(interval);
  const [content, width] = useContentWidth();
  const range = useMemo(() => chosen ?? { kind: "live" as const, windowMs: usualMs }, [chosen, usualMs]);
  const stepMs = autoStep(rangeLength(range), width);
  const cursor = useMemo(() => new CursorStore(), []);
  const { clock } = useLiveClient();
  // The way back from a fixed range leads to the window that was left.
  const [lastLive, setLastLive] = useState(chosen);
  if (chosen?.kind !== "fixed" && chosen !== lastLive) setLastLive(chosen);
  const goLive = useCallback(() => setRange(lastLive?.kind === "live" ? lastLive : null), [setRange, lastLive]);

  const scope = useMemo<PanelScope>(
    () => ({
      range,
      stepMs,
      cursor,
      zoomTo: (fromMs, toMs) => setRange(fixedRange(fromMs, Math.min(toMs, clock.now()))),
      goLive: () => {
        // The address, not the range on the screen: that one may be a moment behind.
        if (parseRange(new URLSearchParams(window.location.search))?.kind === "fixed") goLive();
      },
    }),
    [range, stepMs, cursor, setRange, goLive, clock],
  );

  return (
    <PanelScopeProvider value={scope}>
      <Shell range={range} setRange={setRange} goLive={goLive} content={content}>
        <Suspense fallback={null}>
          <Switch>
            <Route path="/">
              <OverviewPage />
            </Route>
            {["/alerts", "/targets", "/graph", "/query", "/index.html"].map((path) => (
              <Route key={path} path={path}>
                <Redirect to="/" replace />
              </Route>
            ))}
            <Route>
              <NotFoundPage />
            </Route>
          </Switch>
        </Suspense>
      </Shell>
    </PanelScopeProvider>
  );
}
