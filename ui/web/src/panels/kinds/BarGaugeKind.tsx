import type { Panel, View } from "../../api/dashboards";
import { fieldText, levelOf, shareOf } from "../model/field";
import css from "./BarGaugeKind.module.css";
import { LevelWord } from "./LevelWord";
import { ReducedFrame } from "./ReducedFrame";
import type { PanelTarget } from "./usePanelQueries";
import { usePanelSeries } from "./usePanelSeries";

const shown = 50;

export interface BarGaugeKindProps {
  readonly panel: Panel;
  readonly view: Extract<View, { kind: "bargauge" }>;
  readonly title: string;
  readonly targets: readonly PanelTarget[];
}

/** A panel of type bargauge: a bar for each series, the longest first. */
export function BarGaugeKind({ panel, view, title, targets }: BarGaugeKindProps) {
  const state = usePanelSeries(targets, view.calc);
  const all = state.status === "ready" ? state.data.series.length : 0;
  return (
    <ReducedFrame panel={panel} title={title} targets={targets} state={state} note={all > shown ? `the first ${shown} of ${all} series` : undefined}>
      {({ series }) => {
        const sorted = [...series].sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity) || a.name.localeCompare(b.name, "en"));
        const greatest = Math.max(0, ...series.map(({ value }) => value ?? 0));
        return (
          <ul className={css.list} tabIndex={0} aria-label={`${title}, the largest first`}>
            {sorted.slice(0, shown).map(({ line, name, value, field }) => {
              const tone = levelOf(value, field);
              return (
                <li key={line.key} className={css.row}>
                  <span className={css.name} title={name}>
                    {name}
                  </span>
                  <span className={css.value}>
                    <LevelWord tone={tone} /> <strong>{fieldText(value, field)}</strong>
                  </span>
                  <span className={css.bar} data-unfilled={view.unfilled || undefined}>
                    <span className={css.part} data-tone={tone} style={{ width: `${((shareOf(value, field, greatest) ?? 0) * 100).toFixed(1)}%` }} />
                  </span>
                </li>
              );
            })}
          </ul>
        );
      }}
    </ReducedFrame>
  );
}
