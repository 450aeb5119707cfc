import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { formatValue } from "../../units/format";
import css from "./TargetRow.module.css";

const slowShare = 0.8;

/** How long a scrape takes of the time it has: a bar, and the same in words. */
export function DurationBar({ durationMs, timeoutMs }: { durationMs: number; timeoutMs: number }) {
  const share = timeoutMs > 0 ? Math.min(1, durationMs / timeoutMs) : 0;
  const slow = share >= slowShare;
  return (
    <span className={css.duration} data-slow={slow}>
      <span className={css.bar} aria-hidden="true">
        <span style={{ width: `${(share * 100).toFixed(1)}%` }} />
      </span>
      <span className={css.words}>
        {formatValue(durationMs / 1000, "seconds")} of {formatValue(timeoutMs / 1000, "seconds")}
        {slow && (
          <>
            {" "}
            <SeverityGlyph tone="warning" size={10} /> slow
          </>
        )}
      </span>
    </span>
  );
}
