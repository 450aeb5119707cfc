import type { ReactNode } from "react";
import type { QueryError } from "../api/types";
import { SeverityGlyph } from "../parts/SeverityGlyph";
import { errorWords } from "./errorWords";
import { usePanelChrome } from "./PanelChrome";
import css from "./PanelMessage.module.css";

export interface PanelMessageProps {
  readonly height: number;
  readonly state: { kind: "loading" } | { kind: "empty"; text: ReactNode } | { kind: "failed"; error: QueryError };
}

/** What stands where a chart would: as high as the chart, so that nothing jumps when it comes. */
export function PanelMessage({ height, state }: PanelMessageProps) {
  const { fill } = usePanelChrome();
  const space = fill ? { flex: 1, minHeight: 0 } : { minHeight: height };
  switch (state.kind) {
    case "loading":
      return <div className={css.skeleton} style={fill ? space : { height }} role="status" aria-label="Loading" />;
    case "empty":
      return (
        <div className={css.message} style={space}>
          {state.text}
        </div>
      );
    case "failed": {
      const { title, next } = errorWords(state.error);
      return (
        <div className={css.message} style={space} role="alert">
          <strong className={css.title}>
            <SeverityGlyph tone="warning" /> {title}
          </strong>
          <code className={css.code} title={state.error.message}>
            {state.error.message}
          </code>
          {next !== "" && (fill || height > 120) && <span>{next}</span>}
        </div>
      );
    }
    default:
      return state satisfies never;
  }
}
