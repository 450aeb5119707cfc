import { errorWords } from "../../panels/errorWords";
import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { plainMessage } from "../../promql/bytes";
import { readyWords, type Outcome } from "./outcome";
import css from "./RowStatus.module.css";

export interface RowStatusProps {
  readonly outcome: Outcome;
  /** The text is another than the one that was asked. */
  readonly changed: boolean;
  /** Looks further back; null where that is not possible. */
  readonly onWider: (() => void) | null;
}

/** A line below a query: how it went, and what to do about it. */
export function RowStatus({ outcome, changed, onWider }: RowStatusProps) {
  return (
    <>
      <Outcome outcome={outcome} onWider={onWider} />
      {changed && outcome.kind !== "idle" && <span className={css.changed}>changed; Enter asks it</span>}
    </>
  );
}

function Outcome({ outcome, onWider }: { outcome: Outcome; onWider: (() => void) | null }) {
  switch (outcome.kind) {
    case "idle":
      return <span className={css.dim}>Enter asks it, Shift Enter begins a new line</span>;
    case "off":
      return <span className={css.dim}>switched off</span>;
    case "loading":
      return <span className={css.dim}>being evaluated…</span>;
    case "failed": {
      const { title, next } = errorWords(outcome.error);
      return (
        <span className={css.failed} role="alert">
          <SeverityGlyph tone="critical" size={12} /> <strong>{title}:</strong> {plainMessage(outcome.error.message)} {next}
        </span>
      );
    }
    case "ready": {
      const notes = [...outcome.warnings.map((text) => ["warning", text] as const), ...outcome.infos.map((text) => ["info", text] as const)];
      return (
        <>
          {outcome.series > 0 ? (
            <span className={css.dim}>{readyWords(outcome)}</span>
          ) : (
            <span className={css.empty}>
              <SeverityGlyph tone="info" size={12} /> No series match in this range. Ctrl Space in the editor lists the names that exist
              {onWider === null ? "." : ", or "}
              {onWider !== null && (
                <button type="button" className={css.action} onClick={onWider}>
                  look at the last 24 h
                </button>
              )}
            </span>
          )}
          {outcome.error !== null && (
            <span className={css.note}>
              <SeverityGlyph tone="warning" size={12} /> {errorWords(outcome.error).title}: {plainMessage(outcome.error.message)} What is shown is from before.
            </span>
          )}
          {notes.map(([tone, text]) => (
            <span key={text} className={css.note}>
              <SeverityGlyph tone={tone} size={12} /> {text}
            </span>
          ))}
        </>
      );
    }
    default:
      return outcome satisfies never;
  }
}
