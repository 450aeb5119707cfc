import { useAlerts, useConnection, useNewestFed, useServerNow, useStatus, useTargets } from "../../live/useLive";
import { SeverityGlyph, toneWords } from "../../parts/SeverityGlyph";
import hidden from "../../parts/visuallyHidden.module.css";
import { localClock } from "../../time/clock";
import { stateSentence } from "./sentence";
import css from "./StateSentence.module.css";

/** The state in one sentence. Its numbers stream; a screen reader hears it when its meaning changes. */
export function StateSentence() {
  const known = {
    connection: useConnection(),
    status: useStatus(),
    alerts: useAlerts(),
    targets: useTargets(),
    fedMs: useNewestFed(),
    nowMs: useServerNow(),
  };
  const { tone, lead, rest, spoken } = stateSentence(known, localClock);
  return (
    <div className={css.row}>
      <SeverityGlyph tone={tone} size={22} />
      <p className={css.sentence} data-tone={tone}>
        <span className={hidden.hidden}>{tone === "none" ? "" : `${toneWords[tone]}: `}</span>
        <strong className={css.lead}>{lead}</strong> <span>{rest}</span>
      </p>
      <p className={hidden.hidden} role="status" aria-live="polite">
        {spoken}
      </p>
    </div>
  );
}
