import type { QueryError } from "../api/types";
import { SeverityGlyph } from "../parts/SeverityGlyph";
import { errorWords } from "./errorWords";
import css from "./PanelMessage.module.css";

export interface PanelMessageProps {
  readonly height: number;
  readonly state: { kind: "loading" } | { kind: "empty"; text: string } | { kind: "failed"; error: QueryError };
}

/** What stands where a chart would: as high as the chart, so that nothing jumps when it comes. */
export function PanelMessage({ height, state }: PanelMessageProps) {
  switch (state.kind) {
    case "loading":
      return <div className={css.skeleton} style={{ height }} role="status" aria-label="Loading" />;
    case "empty":
      return (
        <p className={css.message} style={{ minHeight: height }}>
          {state.text}
        </p>
      );
    case "failed": {
      const { title, next } = errorWords(state.error);
      return (
        <div className={css.message} style={{ minHeight: height }} role="alert">
          <strong className={css.title}>
            <SeverityGlyph tone="warning" /> {title}
          </strong>
          <code className={css.code} title={state.error.message}>
            {state.error.message}
          </code>
          {next !== "" && height > 120 && <span>{next}</span>}
        </div>
      );
    }
    default:
      return state satisfies never;
  }
}
