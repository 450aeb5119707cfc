import { useMemo } from "react";
import type { Field, Panel } from "../../api/dashboards";
import type { Labels } from "../../api/types";
import { interpolate } from "../../time/macros";
import { unitOf } from "../../units/grafana";
import { fieldFor, fieldText, inkOf } from "../model/field";
import { displayName, seriesName } from "../model/names";
import type { PanelQuery } from "../usePanelData";

/** One target of a panel, ready to be asked. */
export interface PanelTarget extends PanelQuery {
  readonly field: (labels: Labels) => Field;
}

/** The targets of a panel that are shown, with the values of macros and variables in their places. */
export function usePanelQueries(panel: Panel, values: Readonly<Record<string, string>>): readonly PanelTarget[] {
  const key = JSON.stringify(values);
  return useMemo(
    () =>
      panel.targets
        .filter(({ hide, expr }) => !hide && expr.trim() !== "")
        .map((target) => {
          const plain = (labels: Labels) => seriesName(labels, interpolate(target.legendFormat, values), panel.title === "" ? target.refId : panel.title);
          const field = (labels: Labels) => fieldFor(panel, { name: plain(labels), refId: target.refId });
          return {
            expr: interpolate(target.expr, values),
            field,
            name: (labels) => {
              const { displayName: template } = field(labels);
              return template === undefined || template === "" ? plain(labels) : displayName(template, plain(labels), labels);
            },
            shown: (labels) => {
              const own = field(labels);
              return {
                unit: unitOf(own.unit),
                text: (point) => fieldText(point, own),
                colour: inkOf(own.fixedColor),
                hidden: own.hidden === true,
                style: own.drawStyle,
                fill: own.fillOpacity,
                width: own.lineWidth,
              };
            },
          } satisfies PanelTarget;
        }),
    // key stands for values: they are built anew with each second.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [panel, key],
  );
}
