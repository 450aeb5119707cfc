import { lazy, Suspense, useId, useMemo } from "react";
import { CloseIcon, CopyIcon, EyeIcon } from "../../parts/icons";
import { errorSpan } from "../../promql/bytes";
import type { Refusal } from "../../promql/editor";
import type { Outcome } from "./outcome";
import css from "./QueryRow.module.css";
import { RowStatus } from "./RowStatus";
import type { Draft } from "./useDrafts";

const ExpressionEditor = lazy(() => import("../../promql/ExpressionEditor").then((part) => ({ default: part.ExpressionEditor })));

export interface QueryRowProps {
  readonly draft: Draft;
  /** "A", "B", … */
  readonly letter: string;
  readonly outcome: Outcome;
  readonly alone: boolean;
  readonly onEdit: (expr: string) => void;
  readonly onRun: (expr: string) => void;
  readonly onToggle: () => void;
  /** null: there are as many queries as can be. */
  readonly onDuplicate: (() => void) | null;
  readonly onRemove: () => void;
  readonly onWider: (() => void) | null;
}

/** One query: its text, what can be done with it, and what has become of it. */
export function QueryRow(props: QueryRowProps) {
  const { draft, letter, outcome, alone, onEdit, onRun, onToggle, onDuplicate, onRemove, onWider } = props;
  const { asked } = draft;
  const status = useId();
  const error = outcome.kind === "failed" ? outcome.error : null;
  const refusal = useMemo<Refusal | null>(() => {
    if (error?.kind !== "parse" || asked === null) return null;
    const span = errorSpan(asked, error) ?? { from: 0, to: asked.length };
    return { ...span, text: asked, message: error.message };
  }, [error, asked]);
  const name = `Query ${letter}`;
  return (
    <li className={css.row} data-off={!draft.on} data-failed={error !== null}>
      <span className={css.letter} aria-hidden="true">
        {letter}
      </span>
      <div className={css.editor}>
        <Suspense fallback={<pre className={css.waiting}>{draft.expr === "" ? " " : draft.expr}</pre>}>
          <ExpressionEditor text={draft.expr} label={name} describedBy={status} refusal={refusal} focused={draft.fresh} onChange={onEdit} onRun={onRun} />
        </Suspense>
      </div>
      <div className={css.tools}>
        <button type="button" className={css.tool} aria-pressed={!draft.on} aria-label={`Switch off ${name}`} title={draft.on ? "Switch off" : "Switch on"} onClick={onToggle}>
          <EyeIcon off={!draft.on} />
        </button>
        <button type="button" className={css.tool} aria-label={`Duplicate ${name}`} title="Duplicate" disabled={onDuplicate === null} onClick={() => onDuplicate?.()}>
          <CopyIcon />
        </button>
        <button type="button" className={css.tool} aria-label={`Remove ${name}`} title="Remove" disabled={alone && draft.expr === ""} onClick={onRemove}>
          <CloseIcon />
        </button>
      </div>
      <div className={css.status} id={status}>
        <RowStatus outcome={outcome} changed={draft.on && draft.expr.trim() !== (asked ?? "").trim()} onWider={onWider} />
      </div>
    </li>
  );
}
