import { SeverityGlyph } from "../parts/SeverityGlyph";
import { localClock } from "../time/clock";
import { ago, spokenDuration } from "../time/duration";
import type { Freshness } from "./freshness";
import css from "./FreshnessMark.module.css";

/** The age of the newest sample of a panel, in a few words. */
export function FreshnessMark({ freshness }: { freshness: Freshness }) {
  switch (freshness.kind) {
    case "fresh":
      return (
        <span className={css.age} title="Age of the newest sample, by the server's clock">
          {ago(freshness.ageMs)}
        </span>
      );
    case "stale":
      return (
        <span className={css.stale} title={`No sample since ${localClock.full(freshness.sinceMs)}`}>
          <SeverityGlyph tone="warning" size={10} /> stale {spokenDuration(freshness.ageMs)}
        </span>
      );
    case "until":
      return <span className={css.age}>until {localClock.exact(freshness.ms, freshness.ms)}</span>;
    case "at":
      return <span className={css.at}>at {localClock.exact(freshness.ms, freshness.ms)}</span>;
    case "unknown":
      return null;
    default:
      return freshness satisfies never;
  }
}
