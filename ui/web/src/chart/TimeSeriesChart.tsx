import { useComputedColorScheme } from "@mantine/core";
import { useId, useRef, type KeyboardEvent } from "react";
import css from "./TimeSeriesChart.module.css";
import { useChart, type ChartInput } from "./useChart";

export interface TimeSeriesChartProps extends ChartInput {
  /** What the chart shows, for those who do not see it. */
  readonly label: string;
  /** Hears of the moment that the keyboard points at. */
  readonly onKeyCursor: (ms: number) => void;
}

/** Lines over time. The mouse points and drags to zoom; the arrow keys and + and − do the same. */
export function TimeSeriesChart(props: TimeSeriesChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const help = useId();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  useChart(host, props, scheme);

  const { cursor, fromMs, toMs, overlay } = props;
  const onKeyDown = (event: KeyboardEvent) => {
    const { xs } = overlay;
    const at = cursor.get();
    const i = at === null ? xs.length : xs.findIndex((x) => x >= at);
    const jump = event.shiftKey ? 10 : 1;
    const point = (to: number) => {
      const ms = xs[Math.min(Math.max(to, 0), xs.length - 1)];
      if (ms === undefined) return;
      cursor.set(ms);
      props.onKeyCursor(ms);
    };
    const centre = at ?? (fromMs + toMs) / 2;
    const zoomBy = (factor: number) =>
      props.onZoom(centre - (centre - fromMs) * factor, centre + (toMs - centre) * factor);
    switch (event.key) {
      case "ArrowLeft":
        point(i - jump);
        break;
      case "ArrowRight":
        point(i + jump);
        break;
      case "Home":
        point(0);
        break;
      case "End":
        point(xs.length - 1);
        break;
      case "+":
      case "=":
        zoomBy(0.5);
        break;
      case "-":
        zoomBy(2);
        break;
      case "Escape":
        // With nothing to let go of, Escape closes what is open around the chart.
        if (at === null) return;
        cursor.set(null);
        break;
      case "0":
        props.onReset();
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  return (
    <div
      className={css.frame}
      role="group"
      aria-roledescription="chart"
      aria-label={props.label}
      aria-describedby={help}
      // A chart is operated with the keyboard, so it can be reached with it.
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => cursor.set(null)}
    >
      <span id={help} hidden>
        Arrow keys point, plus and minus zoom, 0 goes back to live, Escape lets go. The same data is in Show data.
      </span>
      <div ref={host} className={css.host} style={{ height: props.height }} aria-hidden="true" />
    </div>
  );
}
