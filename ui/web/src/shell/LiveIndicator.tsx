import { useConnection } from "../live/useLive";
import type { TimeRange } from "../time/range";
import css from "./LiveIndicator.module.css";

export interface LiveIndicatorProps {
  readonly range: TimeRange;
  readonly goLive: () => void;
}

/** Whether what is shown moves; in a fixed range, the way back to what does. */
export function LiveIndicator({ range, goLive }: LiveIndicatorProps) {
  const { status } = useConnection();
  if (range.kind === "fixed") {
    return (
      <button type="button" className={css.back} onClick={goLive}>
        Back to live
      </button>
    );
  }
  const word = status === "live" ? "live" : status === "paused" ? "paused" : status === "lost" ? "reconnecting" : "connecting";
  return (
    <span className={css.live} data-status={status}>
      <span className={css.dot} aria-hidden="true" />
      <span className={css.word}>{word}</span>
    </span>
  );
}
