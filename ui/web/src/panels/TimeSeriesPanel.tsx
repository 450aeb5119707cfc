import type { ReactNode } from "react";
import type { Limit } from "../chart/tail";
import type { Unit } from "../units/format";
import type { NamedLine } from "./series";
import { TimeSeriesView } from "./TimeSeriesView";
import { usePanelData, type PanelQuery } from "./usePanelData";

export interface TimeSeriesPanelProps {
  readonly title: string;
  readonly note?: string;
  readonly queries: readonly PanelQuery[];
  readonly unit: Unit;
  readonly stacked?: boolean;
  /** The names of series in the order in which they stand; others follow by name. */
  readonly order?: readonly string[];
  readonly atLeast?: number;
  /** The value axis goes no further than this. */
  readonly atMost?: number;
  /** A level worth knowing: drawn where the axis reaches it. */
  readonly limit?: { readonly value: number; readonly label: string } | null;
  /** More of them, with what they mean. */
  readonly limits?: readonly Limit[];
  /** Where the value axis begins and ends, whatever the data; how far down it reaches at least. */
  readonly axis?: { readonly min?: number | undefined; readonly max?: number | undefined; readonly downTo?: number | undefined };
  /** The value axis spans what there is, and need not begin at zero. */
  readonly fit?: boolean;
  readonly legend?: boolean;
  /** Figures beside the newest value of each series, in words. */
  readonly figures?: (line: NamedLine) => string;
  readonly height?: number;
  /** What to say when nothing matches. */
  readonly empty?: ReactNode;
}

/** Series over time. */
export function TimeSeriesPanel(props: TimeSeriesPanelProps) {
  return <TimeSeriesView {...props} state={usePanelData(props.queries)} />;
}
