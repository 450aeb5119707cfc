import type { Panel, View } from "../../api/dashboards";
import { Arc } from "../../chart/Arc";
import { fieldParts, levelOf, levelsOf, shareOf } from "../model/field";
import css from "./GaugeKind.module.css";
import { LevelWord } from "./LevelWord";
import { ReducedFrame } from "./ReducedFrame";
import type { PanelTarget } from "./usePanelQueries";
import { usePanelSeries } from "./usePanelSeries";

const shown = 8;

export interface GaugeKindProps {
  readonly panel: Panel;
  readonly view: Extract<View, { kind: "gauge" }>;
  readonly title: string;
  readonly targets: readonly PanelTarget[];
}

/** A panel of type gauge: a dial for each series. */
export function GaugeKind({ panel, view, title, targets }: GaugeKindProps) {
  const state = usePanelSeries(targets, view.calc);
  const all = state.status === "ready" ? state.data.series.length : 0;
  return (
    <ReducedFrame panel={panel} title={title} targets={targets} state={state} note={all > shown ? `${shown} of ${all} series shown` : undefined}>
      {({ series }) => {
        const greatest = Math.max(0, ...series.map(({ value }) => value ?? 0));
        return (
          <ul className={css.list} aria-label={title}>
            {series.slice(0, shown).map(({ line, name, value, field }) => {
              const { number, suffix } = fieldParts(value, field);
              const tone = levelOf(value, field);
              const levels = view.marks ? levelsOf(field).filter(({ from }) => Number.isFinite(from)) : [];
              return (
                <li key={line.key} className={css.one}>
                  <div className={css.dial}>
                    <Arc
                      share={shareOf(value, field, greatest)}
                      tone={tone}
                      marks={levels.map(({ from }) => shareOf(from, field, greatest) ?? 0).filter((share) => share > 0 && share < 1)}
                    />
                    <p className={css.number}>
                      {number}
                      {suffix !== "" && <span className={css.unit}>{suffix}</span>}
                    </p>
                  </div>
                  {(all > 1 || tone !== "normal") && (
                    <div className={css.about}>
                      {all > 1 && (
                        <p className={css.name} title={name}>
                          {name}
                        </p>
                      )}
                      {tone !== "normal" && (
                        <p className={css.word}>
                          <LevelWord tone={tone} />
                        </p>
                      )}
                    </div>
                  )}
                </li>
              );
            })}
          </ul>
        );
      }}
    </ReducedFrame>
  );
}
