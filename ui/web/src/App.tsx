import { QueryClientProvider } from "@tanstack/react-query";
import { Suspense, useCallback, useMemo, useState } from "react";
import { matchRoute, useLocation, useRouter } from "wouter";
import { newQueryClient } from "./api/queryClient";
import { CursorStore } from "./chart/cursor";
import { useLiveClient } from "./live/LiveContext";
import { useMissingChunks, useStatus } from "./live/useLive";
import { NotFoundPage } from "./pages/NotFoundPage";
import { pages } from "./pages/registry";
import { PanelScopeProvider, type PanelScope } from "./panels/PanelScope";
import { PageTitleProvider } from "./parts/pageTitle";
import { ShortcutProvider, ShortcutStore } from "./parts/shortcuts";
import { Shell } from "./shell/Shell";
import { useAhead } from "./shell/useAhead";
import { useContentWidth } from "./shell/useContentWidth";
import { useTitle } from "./shell/useTitle";
import { defaultWindowMs, fixedRange, parseRange, rangeLength } from "./time/range";
import { autoStep } from "./time/step";
import { useForeign } from "./url/useForeign";
import { useTimeRange } from "./url/useTimeRange";

/** The page of the address, and what every page's panels share. */
export function App() {
  useMissingChunks();
  useAhead(pages);
  const [path] = useLocation();
  const { parser } = useRouter();
  const pageAt = (address: string) => pages.find(({ routes }) => routes.some((route) => matchRoute(parser, route, address)[0])) ?? null;
  const here = pageAt(path);
  const leaving = useForeign((address) => pageAt(address) !== null);
  const [own, setOwn] = useState<string | null>(null);
  useTitle(own ?? here?.label ?? null);
  const [chosen, setRange] = useTimeRange();
  const status = useStatus();
  const interval = status === null ? 1000 : status.host ? status.inProcessIntervalMs : status.scrapeIntervalMs;
  const usualMs = defaultWindowMs(interval);
  const [content, width] = useContentWidth();
  const range = useMemo(() => chosen ?? { kind: "live" as const, windowMs: usualMs }, [chosen, usualMs]);
  const stepMs = autoStep(rangeLength(range), width);
  const cursor = useMemo(() => new CursorStore(), []);
  const shortcuts = useMemo(() => new ShortcutStore(), []);
  const queries = useMemo(() => newQueryClient(), []);
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
    <QueryClientProvider client={queries}>
      <ShortcutProvider value={shortcuts}>
        <PanelScopeProvider value={scope}>
          <PageTitleProvider value={setOwn}>
            <Shell pages={pages} here={here} range={range} setRange={setRange} goLive={goLive} content={content}>
              <Suspense fallback={null}>{leaving ? null : here === null ? <NotFoundPage /> : <here.Page />}</Suspense>
            </Shell>
          </PageTitleProvider>
        </PanelScopeProvider>
      </ShortcutProvider>
    </QueryClientProvider>
  );
}
