import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { newQueryClient } from "../api/queryClient";
import { CursorStore } from "../chart/cursor";
import { LiveProvider } from "../live/LiveContext";
import { LiveClient, protocol } from "../live/socket";
import { PanelScopeProvider, type PanelScope } from "../panels/PanelScope";
import { ShortcutProvider, ShortcutStore } from "../parts/shortcuts";
import { cssVariables, theme } from "../theme/theme";
import { FakeSocket } from "./fakeSocket";

/** A part of a page, and the server that a test plays for it. */
export interface Played {
  readonly say: (...messages: readonly unknown[]) => void;
  readonly drop: () => void;
  readonly socket: () => FakeSocket;
  readonly stop: () => void;
}

/** Renders children with everything that a page has around it; WebSocket must be stubbed with FakeSocket. */
export function renderPage(children: ReactNode, over: Partial<PanelScope> = {}): Played {
  const live = new LiveClient({ url: "ws://test/live", build: "dev", fetchStatus: () => Promise.reject(new Error("away")) });
  const stop = live.start();
  const scope: PanelScope = {
    range: { kind: "live", windowMs: 10_000 },
    stepMs: 1000,
    cursor: new CursorStore(),
    zoomTo: () => undefined,
    goLive: () => undefined,
    ...over,
  };
  render(
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} env="test">
      <LiveProvider value={live}>
        <QueryClientProvider client={newQueryClient()}>
          <ShortcutProvider value={new ShortcutStore()}>
            <PanelScopeProvider value={scope}>{children}</PanelScopeProvider>
          </ShortcutProvider>
        </QueryClientProvider>
      </LiveProvider>
    </MantineProvider>,
  );
  const socket = () => FakeSocket.newest;
  return {
    socket,
    stop,
    say: (...messages) => act(() => messages.forEach((message) => socket().say(message))),
    drop: () => act(() => socket().drop()),
  };
}

/** The server's greeting at nowMs. */
export function hello(nowMs: number): unknown {
  return { type: "hello", protocol, build: "b", instance: "i", now_ms: nowMs };
}

/** A snapshot of one series for subscription id, as the server sends it: the answer and the frame. */
export function snapshotOf(id: number, nowMs: number, values: readonly unknown[], labels = {}, fedMs = nowMs - 1500): unknown[] {
  const to = Math.floor(nowMs / 1000) * 1000;
  const span = { from_ms: to - (values.length - 1) * 1000, to_ms: to, step_ms: 1000, fed_ms: fedMs, interval_ms: 1000 };
  const update = {
    watch: 100 + id, kind: "snapshot", id, ...span, series: [{ s: 0, labels, v: values }], warnings: [], infos: [], lost: 0,
  };
  return [
    { type: "subscribed", id, watch: 100 + id, expr: "up", step_ms: 1000, window_ms: 10_000, incremental: true },
    { type: "frame", now_ms: nowMs, updates: [update] },
  ];
}
