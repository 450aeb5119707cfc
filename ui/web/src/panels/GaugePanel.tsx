import type { ReactNode } from "react";
import type { Aligned } from "../chart/align";
import { Arc } from "../chart/Arc";
import { SeverityGlyph } from "../parts/SeverityGlyph";
import { formatParts } from "../units/format";
import { DataTable } from "./DataTable";
import css from "./GaugePanel.module.css";
import { level } from "./level";
import { PanelFrame } from "./PanelFrame";
import { PanelMessage } from "./PanelMessage";
import { nameLines } from "./series";
import type { PanelQuery } from "./usePanelData";
import { useSingle } from "./useSingle";

export interface GaugePanelProps {
  readonly title: string;
  /** The first query is the share, 0 to 1; the others are at hand for detail. */
  readonly queries: readonly PanelQuery[];
  /** From which share on it is high, and from which very high. */
  readonly limits: readonly [number, number];
  readonly detail?: (values: readonly (number | null)[], aligned: Aligned) => ReactNode;
  readonly empty?: string;
}

const height = 84;

/** How much of a whole, as a dial. */
export function GaugePanel({ title, queries, limits, detail, empty = "No samples in this range." }: GaugePanelProps) {
  const state = useSingle(queries);
  if (state.status !== "ready") {
    return (
      <PanelFrame title={title} freshness={{ kind: "unknown" }}>
        <PanelMessage height={height} state={state.status === "failed" ? { kind: "failed", error: state.error } : { kind: "loading" }} />
      </PanelFrame>
    );
  }
  const { data, values } = state.data;
  if (state.data.empty) {
    return (
      <PanelFrame title={title} freshness={data.freshness} error={state.error}>
        <PanelMessage height={height} state={{ kind: "empty", text: empty }} />
      </PanelFrame>
    );
  }
  const share = values[0] ?? null;
  const { tone, word } = level(share, limits);
  const { number, suffix } = formatParts(share, "ratio");
  return (
    <PanelFrame
      title={title}
      freshness={data.freshness}
      error={state.error}
      table={() => <DataTable title={title} aligned={data.aligned} lines={nameLines(data.aligned, queries)} queries={queries} unit="ratio" />}
    >
      <div className={css.gauge} style={{ minHeight: height }}>
        <div className={css.dial}>
          <Arc share={share} tone={tone} marks={limits} />
          <p className={css.number}>
            {number}
            <span className={css.unit}>{suffix}</span>
          </p>
        </div>
        <div className={css.detail}>
          {detail?.(values, data.aligned)}
          {tone !== "normal" && (
            <p className={css.word}>
              <SeverityGlyph tone={tone} size={11} /> {word}
            </p>
          )}
        </div>
      </div>
    </PanelFrame>
  );
}
