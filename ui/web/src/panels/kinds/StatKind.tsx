import type { Panel, View } from "../../api/dashboards";
import { drawable } from "../../chart/align";
import { Sparkline } from "../../chart/Sparkline";
import { fieldParts, levelOf } from "../model/field";
import { LevelWord } from "./LevelWord";
import { ReducedFrame } from "./ReducedFrame";
import css from "./StatKind.module.css";
import type { PanelTarget } from "./usePanelQueries";
import { usePanelSeries, type Reduced, type ReducedSeries } from "./usePanelSeries";

const shown = 12;

export interface StatKindProps {
  readonly panel: Panel;
  readonly view: Extract<View, { kind: "stat" }>;
  readonly title: string;
  readonly targets: readonly PanelTarget[];
}

/** The course of a series over the whole range, so that a short history stands at its right end. */
function courseOf({ line }: ReducedSeries, { data }: Reduced): readonly (number | null)[] {
  const { aligned, fromMs, toMs } = data;
  const start = Math.round((fromMs - aligned.fromMs) / aligned.stepMs);
  const steps = Math.min(2000, Math.max(1, Math.round((toMs - fromMs) / aligned.stepMs)));
  return Array.from({ length: steps + 1 }, (_, i) => drawable(line.line.values[start + i]));
}

function One({ one, reduced, view, alone }: { one: ReducedSeries; reduced: Reduced; view: StatKindProps["view"]; alone: boolean }) {
  const { field, value, name } = one;
  const { number, suffix } = fieldParts(value, field);
  const tone = levelOf(value, field);
  const course = view.graph ? courseOf(one, reduced) : [];
  const known = course.filter((point) => point !== null);
  const named = view.text === "name" || view.text === "value_and_name" || (view.text === "auto" && !alone);
  return (
    <li className={css.one} data-tone={view.coloured ? tone : "normal"}>
      {named && (
        <p className={css.name} title={name}>
          {name}
        </p>
      )}
      {view.text !== "name" && view.text !== "none" && (
        <p className={css.value}>
          <span className={css.number}>{number}</span>
          {suffix !== "" && <span className={css.unit}>{suffix}</span>}
          {tone !== "normal" && (
            <span className={css.word}>
              <LevelWord tone={tone} />
            </span>
          )}
        </p>
      )}
      {view.graph && known.length > 1 && (
        <div className={css.spark}>
          <Sparkline
            values={course}
            min={field.min ?? Math.min(0, ...known)}
            max={field.max ?? Math.max(0, ...known) * 1.1}
            at={reduced.at}
            stale={reduced.data.freshness.kind === "stale"}
            fill
          />
        </div>
      )}
    </li>
  );
}

/** A panel of type stat: a large number for each series, with its course. */
export function StatKind({ panel, view, title, targets }: StatKindProps) {
  const state = usePanelSeries(targets, view.calc);
  const all = state.status === "ready" ? state.data.series.length : 0;
  return (
    <ReducedFrame panel={panel} title={title} targets={targets} state={state} note={all > shown ? `${shown} of ${all} series shown` : undefined}>
      {(reduced) => (
        <ul className={css.list} data-alone={all === 1 || undefined} aria-label={title}>
          {reduced.series.slice(0, shown).map((one) => (
            <One key={one.line.key} one={one} reduced={reduced} view={view} alone={all === 1} />
          ))}
        </ul>
      )}
    </ReducedFrame>
  );
}
