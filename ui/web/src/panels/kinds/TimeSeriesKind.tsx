import type { Panel, View } from "../../api/dashboards";
import { toneWords } from "../../parts/SeverityGlyph";
import { formatValue } from "../../units/format";
import { unitOf } from "../../units/grafana";
import { fieldText, levelsOf } from "../model/field";
import { calcName, reduce } from "../model/reduce";
import { TimeSeriesPanel } from "../TimeSeriesPanel";
import { NoData } from "./NoData";
import type { PanelTarget } from "./usePanelQueries";

export interface TimeSeriesKindProps {
  readonly panel: Panel;
  readonly view: Extract<View, { kind: "timeseries" }>;
  readonly title: string;
  readonly targets: readonly PanelTarget[];
}

/** A panel of type timeseries. */
export function TimeSeriesKind({ panel, view, title, targets }: TimeSeriesKindProps) {
  const { defaults } = panel;
  const unit = unitOf(defaults.unit);
  const limits =
    defaults.thresholdLines === true
      ? levelsOf(defaults)
          .filter(({ from, tone }) => Number.isFinite(from) && tone !== "normal")
          .map(({ from, tone }) => ({
            value: from,
            label: `${tone === "normal" ? "" : toneWords[tone]} ${formatValue(from, unit)}`.trim(),
            ...(tone === "normal" ? {} : { tone }),
          }))
      : [];
  const calcs = view.calcs.filter((calc) => calc !== "lastNotNull" && calc !== "last");
  return (
    <TimeSeriesPanel
      title={title}
      queries={targets}
      unit={unit}
      stacked={defaults.stacked === true}
      {...(defaults.softMax === undefined ? {} : { atLeast: defaults.softMax })}
      axis={{ min: defaults.min, max: defaults.max, downTo: defaults.softMin }}
      limits={limits}
      legend={view.legend}
      {...(calcs.length === 0
        ? {}
        : {
            figures: ({ line }) => {
              const field = targets[line.query]?.field(line.labels) ?? {};
              return calcs.map((calc) => `${calcName(calc)} ${fieldText(reduce(line.values, calc), field)}`).join(" · ");
            },
          })}
      empty={<NoData exprs={targets.map(({ expr }) => expr)} noValue={defaults.noValue} />}
    />
  );
}
