import type { ReactNode } from "react";
import type { Panel } from "../../api/dashboards";
import type { QueryState } from "../../api/types";
import { unitOf } from "../../units/grafana";
import { DataTable } from "../DataTable";
import { PanelFrame } from "../PanelFrame";
import { PanelMessage } from "../PanelMessage";
import { NoData } from "./NoData";
import type { PanelTarget } from "./usePanelQueries";
import type { Reduced } from "./usePanelSeries";

export interface ReducedFrameProps {
  readonly panel: Panel;
  readonly title: string;
  readonly targets: readonly PanelTarget[];
  readonly state: QueryState<Reduced>;
  /** Says what of all series is left out. */
  readonly note?: string | undefined;
  readonly children: (reduced: Reduced) => ReactNode;
}

/** The surface of a panel that shows a number for each series, in each of its states. */
export function ReducedFrame({ panel, title, targets, state, note, children }: ReducedFrameProps) {
  if (state.status !== "ready") {
    return (
      <PanelFrame title={title} freshness={{ kind: "unknown" }}>
        <PanelMessage height={96} state={state.status === "failed" ? { kind: "failed", error: state.error } : { kind: "loading" }} />
      </PanelFrame>
    );
  }
  const { data, lines, series } = state.data;
  if (series.length === 0) {
    return (
      <PanelFrame title={title} freshness={data.freshness} error={state.error}>
        <PanelMessage height={96} state={{ kind: "empty", text: <NoData exprs={targets.map(({ expr }) => expr)} noValue={panel.defaults.noValue} /> }} />
      </PanelFrame>
    );
  }
  return (
    <PanelFrame
      title={title}
      note={note}
      freshness={data.freshness}
      error={state.error}
      table={() => <DataTable title={title} aligned={data.aligned} lines={lines} queries={targets} unit={unitOf(panel.defaults.unit)} />}
    >
      {children(state.data)}
    </PanelFrame>
  );
}
