import { useEffect, useRef, type RefObject } from "react";
import uPlot from "uplot";
import type { Scheme } from "../theme/tokens";
import { tokens } from "../theme/tokens";
import type { CursorStore } from "./cursor";
import { chartOptions, type Drawing, type Look } from "./options";
import type { Ink } from "./palette";
import { solid } from "./tail";

export interface ChartInput extends Drawing {
  readonly inks: readonly Ink[];
  /** How each series is drawn; without them, all as lines. */
  readonly looks?: readonly Look[];
  readonly stacked: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  readonly height: number;
  readonly cursor: CursorStore;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onReset: () => void;
}

function data(drawing: Drawing): uPlot.AlignedData {
  return [[...drawing.overlay.xs], ...solid(drawing.overlay)];
}

/** Keeps one uPlot in host: made anew when its series or colours change, only fed otherwise. */
export function useChart(host: RefObject<HTMLDivElement | null>, input: ChartInput, scheme: Scheme): void {
  const latest = useRef(input);
  const chart = useRef<uPlot | null>(null);
  const follow = useRef<(() => void) | null>(null);
  const shape = JSON.stringify([input.inks, input.looks, input.stacked, input.height, scheme]);

  useEffect(() => {
    latest.current = input;
    const u = chart.current;
    if (!u) return;
    u.batch(() => {
      u.setData(data(input), false);
      u.setScale("x", { min: input.fromMs, max: input.toMs });
      u.setScale("y", { min: input.axis.min, max: input.axis.max });
    });
    follow.current?.(); // the moment that is pointed at lies elsewhere now
  });

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const { inks, looks = [], stacked, height, cursor } = latest.current;
    let pointing = false;
    const width = () => Math.max(120, Math.floor(element.clientWidth));
    const u = new uPlot(
      chartOptions(inks, looks, stacked, tokens[scheme], { width: width(), height }, () => latest.current, {
        zoom: (fromMs, toMs) => latest.current.onZoom(fromMs, toMs),
        reset: () => latest.current.onReset(),
        point: (ms) => {
          if (pointing) cursor.set(ms);
        },
      }),
      data(latest.current),
      element,
    );
    u.batch(() => {
      u.setScale("x", { min: latest.current.fromMs, max: latest.current.toMs });
      u.setScale("y", { min: latest.current.axis.min, max: latest.current.axis.max });
    });
    chart.current = u;

    const enter = () => {
      pointing = true;
    };
    const leave = () => {
      pointing = false;
      cursor.set(null);
    };
    u.over.addEventListener("mouseenter", enter);
    u.over.addEventListener("mouseleave", leave);
    // The others follow the one that is pointed at.
    const toCursor = () => {
      if (pointing) return;
      const ms = cursor.get();
      const off = { left: -10, top: -10 };
      u.setCursor(ms === null ? off : { left: u.valToPos(ms, "x"), top: 1 }, false);
    };
    follow.current = toCursor;
    const stop = cursor.listen(toCursor);
    const observer = new ResizeObserver(() => {
      if (width() !== u.width) u.setSize({ width: width(), height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      stop();
      u.destroy();
      chart.current = null;
      follow.current = null;
    };
    // shape stands for everything that a living chart cannot change.
  }, [host, shape, scheme]);
}
