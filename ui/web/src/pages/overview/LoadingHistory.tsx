import css from "./LoadingHistory.module.css";

/** How far history has been read. */
export function LoadingHistory({ percent, stage }: { percent: number; stage: string }) {
  const done = Math.min(100, Math.max(0, percent));
  return (
    <div className={css.box}>
      <p className={css.words}>
        <span>Loading history: {stage}</span>
        <span>{Math.round(done)} %</span>
      </p>
      <div className={css.bar} role="progressbar" aria-label="Loading history" aria-valuenow={Math.round(done)} aria-valuemin={0} aria-valuemax={100}>
        <div className={css.done} style={{ width: `${done}%` }} />
      </div>
    </div>
  );
}
