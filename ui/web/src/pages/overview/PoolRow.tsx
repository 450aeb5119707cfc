import { Link } from "wouter";
import type { Pool } from "../../api/types";
import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { formatCount, formatValue } from "../../units/format";
import { targetHref } from "../../url/links";
import css from "./PoolRow.module.css";

/** One job: how many of its targets are up, how often it is scraped, and how long the slowest scrape takes. */
export function PoolRow({ pool }: { pool: Pool }) {
  const all = pool.up + pool.down + pool.unknown;
  const slowest = Math.max(0, ...pool.targets.map((target) => target.durationMs));
  const samples = pool.targets.reduce((sum, target) => sum + target.samples, 0);
  const tone = pool.down > 0 ? "critical" : pool.up > 0 ? "healthy" : "none";
  const health =
    pool.down > 0
      ? `${formatCount(pool.down)} of ${formatCount(all)} down`
      : all === 0
        ? "no targets"
        : pool.up === all
          ? `${formatCount(pool.up)} up`
          : `${formatCount(pool.up)} of ${formatCount(all)} up`;
  return (
    <li className={css.row}>
      <SeverityGlyph tone={tone} size={11} />
      <Link className={css.job ?? ""} title={pool.job} href={targetHref(pool.job)}>
        {pool.job}
      </Link>
      <span className={css.health}>{health}</span>
      <span className={css.facts}>
        every {formatValue(pool.intervalMs / 1000, "seconds")}
        {slowest > 0 && ` · ${formatValue(slowest / 1000, "seconds")}`}
        {samples > 0 && ` · ${formatCount(samples)} samples`}
        {pool.dropped > 0 && ` · ${formatCount(pool.dropped)} dropped`}
      </span>
    </li>
  );
}
