import { useMemo, useState, useSyncExternalStore } from "react";
import type { QueryState } from "../api/types";
import { drawable, lastPoint, pointAt, type Aligned } from "../chart/align";
import { stack } from "../chart/stack";
import { valueAxis } from "../chart/scale";
import { TimeSeriesChart } from "../chart/TimeSeriesChart";
import { localClock } from "../time/clock";
import hidden from "../parts/visuallyHidden.module.css";
import { DataTable } from "./DataTable";
import { Fill } from "./Fill";
import { Legend } from "./Legend";
import { usePanelChrome } from "./PanelChrome";
import { PanelFrame } from "./PanelFrame";
import { PanelMessage } from "./PanelMessage";
import { usePanelScope } from "./PanelScope";
import { drawnSeries, nameLines, pointText, type NamedLine } from "./series";
import type { TimeSeriesPanelProps } from "./TimeSeriesPanel";
import type { PanelData } from "./usePanelData";

export interface TimeSeriesViewProps extends TimeSeriesPanelProps {
  readonly state: QueryState<PanelData>;
}

const nothing: Aligned = { fromMs: 0, stepMs: 1000, count: 0, lines: [] };

/** Series over time, of data that somebody else has asked for. */
export function TimeSeriesView(props: TimeSeriesViewProps) {
  const { title, note, queries, unit, order, state, height = 168, empty = "No series in this range." } = props;
  const aligned = state.status === "ready" ? state.data.aligned : nothing;
  const named = useMemo(() => nameLines(aligned, queries, order), [aligned, queries, order]);
  const drawn = state.status === "ready" && named.length > 0 ? state.data : null;
  // One frame in every state: an open menu stays open, and the focus where it is, when data comes or goes.
  return (
    <PanelFrame
      title={title}
      note={named.length > drawnSeries ? `${drawnSeries} of ${named.length} series drawn` : note}
      freshness={state.status === "ready" ? state.data.freshness : { kind: "unknown" }}
      error={state.status === "ready" ? state.error : null}
      {...(drawn === null ? {} : { table: () => <DataTable title={title} aligned={aligned} lines={named} queries={queries} unit={unit} /> })}
    >
      {drawn === null ? (
        <PanelMessage
          height={height + 26}
          state={state.status === "ready" ? { kind: "empty", text: empty } : state.status === "failed" ? { kind: "failed", error: state.error } : { kind: "loading" }}
        />
      ) : (
        <Drawn {...props} height={height} data={drawn} named={named} />
      )}
    </PanelFrame>
  );
}

function Drawn(props: TimeSeriesPanelProps & { height: number; data: PanelData; named: readonly NamedLine[] }) {
  const { title, unit, stacked = false, atLeast, atMost, fit = false, limit = null, limits = [], axis, legend = true, figures, height, data, named } = props;
  const { fill } = usePanelChrome();
  const { cursor, zoomTo, goLive } = usePanelScope();
  const pointed = useSyncExternalStore(cursor.listen, cursor.get);
  const [spoken, setSpoken] = useState("");
  const { aligned, freshness, fromMs, toMs } = data;

  const drawn = useMemo(() => {
    const rows = named.slice(0, drawnSeries).map(({ line }) => line.values.map(drawable));
    const heights = stacked ? stack(rows) : rows;
    let low = fit ? Infinity : 0;
    let high = fit ? -Infinity : 0;
    for (const row of heights) {
      for (const value of row) {
        if (value === null) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    const xs = Array.from({ length: aligned.count }, (_, i) => aligned.fromMs + i * aligned.stepMs);
    return { xs, rows: heights, axis: low <= high ? valueAxis(low, high, { unit, atLeast, atMost, fit, ...axis }) : valueAxis(0, 0, { unit }) };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- axis by its figures: callers build it anew.
  }, [named, aligned, stacked, unit, atLeast, atMost, fit, axis?.min, axis?.max, axis?.downTo]);

  const valuesAt = (ms: number | null) =>
    named.map(({ line, shown }) => {
      const point = ms === null ? lastPoint(line.values) : pointAt(aligned, line, ms);
      return shown === null ? pointText(point, unit) : shown.text(point);
    });
  const beside = (ms: number | null) =>
    figures === undefined || ms !== null ? valuesAt(ms) : valuesAt(ms).map((text, i) => [text, named[i] === undefined ? "" : figures(named[i])].filter((part) => part !== "").join(" · "));
  const names = named.slice(0, 5).map(({ name }) => name).join(", ");
  const more = named.length > 5 ? ` and ${named.length - 5} more` : "";
  const inks = named.slice(0, drawnSeries).map(({ ink }) => ink);
  const looks = named.slice(0, drawnSeries).map(({ shown }) => ({ style: shown?.style, fill: shown?.fill, width: shown?.width }));
  const reached = [...(limit === null ? [] : [limit]), ...limits].filter(({ value }) => value <= drawn.axis.max && value >= drawn.axis.min);

  const chart = (pixels: number) => (
    <TimeSeriesChart
      label={`${title}: ${names}${more}`}
      inks={inks}
      looks={looks}
      stacked={stacked}
      axis={drawn.axis}
      overlay={{
        xs: drawn.xs,
        rows: drawn.rows,
        staleFromMs: freshness.kind === "stale" ? freshness.sinceMs : null,
        limits: reached,
      }}
      fromMs={fromMs}
      toMs={toMs}
      height={pixels}
      cursor={cursor}
      onZoom={zoomTo}
      onReset={goLive}
      onKeyCursor={(ms) => {
        const values = valuesAt(ms);
        setSpoken(`${localClock.exact(ms, ms)}: ${named.slice(0, 8).map(({ name }, i) => `${name} ${values[i] ?? ""}`).join(", ")}`);
      }}
    />
  );

  return (
    <>
      {fill ? <Fill>{chart}</Fill> : chart(height)}
      {legend && <Legend lines={named} values={beside(pointed)} />}
      <span className={hidden.hidden} role="status">
        {spoken}
      </span>
    </>
  );
}
