import type { Target } from "../../api/types";
import { Moment } from "../../parts/Moment";
import { SeverityGlyph } from "../../parts/SeverityGlyph";
import css from "./DownTarget.module.css";

/** A target that cannot be scraped, and the whole reason. */
export function DownTarget({ job, target, nowMs }: { job: string; target: Target; nowMs: number }) {
  return (
    <li className={css.target}>
      <SeverityGlyph tone="critical" size={13} />
      <div className={css.body}>
        <p className={css.head}>
          <strong className={css.instance} title={target.url}>
            {target.instance}
          </strong>
          <span className={css.job} title={job}>
            down, job {job}
          </span>
          <span className={css.at}>
            {target.lastScrapeMs > 0 ? (
              <>
                last tried <Moment ms={target.lastScrapeMs} nowMs={nowMs} />
              </>
            ) : (
              "not tried yet"
            )}
          </span>
        </p>
        <code className={css.error}>{target.error === "" ? "No reason is known." : target.error}</code>
      </div>
    </li>
  );
}
