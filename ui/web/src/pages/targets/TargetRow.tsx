import { memo, useId, useState } from "react";
import { Link } from "wouter";
import type { Health, Target } from "../../api/types";
import actions from "../../parts/actions.module.css";
import { ErrorText } from "../../parts/ErrorText";
import { ChevronIcon } from "../../parts/icons";
import { SeverityGlyph, type Tone } from "../../parts/SeverityGlyph";
import { counted, formatValue } from "../../units/format";
import { exploreHref } from "../../url/links";
import { LiveAgo, LiveMoment } from "../LiveMoment";
import { LabelList } from "../overview/LabelList";
import { DurationBar } from "./DurationBar";
import { targetSelector } from "./targetFilter";
import css from "./TargetRow.module.css";

const healths: Readonly<Record<Health, { tone: Tone; word: string }>> = {
  up: { tone: "healthy", word: "up" },
  down: { tone: "critical", word: "down" },
  unknown: { tone: "none", word: "not scraped yet" },
};

function Details({ target }: { target: Target }) {
  const job = target.labels.job ?? "";
  const of = (metric: string) => targetSelector(metric, job, target.labels.instance ?? target.instance);
  const web = /^https?:\/\//.test(target.url);
  return (
    <div className={css.details}>
      <p className={css.facts}>
        {web ? (
          <a className={actions.text} href={target.url} target="_blank" rel="noopener noreferrer">
            {target.url}
          </a>
        ) : (
          <code>{target.url}</code>
        )}
        <span>every {formatValue(target.intervalMs / 1000, "seconds")}</span>
        {target.lastScrapeMs > 0 && (
          <span>
            last scrape <LiveMoment ms={target.lastScrapeMs} />
          </span>
        )}
      </p>
      <LabelList labels={target.labels} />
      <p className={actions.row}>
        <Link className={actions.button ?? ""} href={exploreHref([of("up")])} aria-label={`Explore up of ${target.instance}`}>
          Explore up
        </Link>
        <Link
          className={actions.button ?? ""}
          href={exploreHref([of("scrape_duration_seconds"), of("scrape_samples_scraped")])}
          aria-label={`Explore the scrapes of ${target.instance}`}
        >
          Explore its scrapes
        </Link>
        <Link className={actions.button ?? ""} href={exploreHref([`count by (__name__) (${of("")})`], undefined, "table")} aria-label={`Explore the metrics of ${target.instance}`}>
          Explore its metrics
        </Link>
      </p>
    </div>
  );
}

/** One target: whether it can be scraped, when and how long it was, and all else when opened. */
export const TargetRow = memo(function TargetRow({ target }: { target: Target }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const { tone, word } = healths[target.health];
  return (
    <li className={css.row} data-health={target.health}>
      <div className={css.line}>
        <span className={css.health}>
          <SeverityGlyph tone={tone} size={11} /> {word}
        </span>
        <button type="button" className={css.instance} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          <span className={css.text} title={target.url}>
            {target.instance}
          </span>
          <span className={css.chevron} data-open={open}>
            <ChevronIcon />
          </span>
        </button>
        <span className={css.fact}>{target.lastScrapeMs > 0 ? <LiveAgo ms={target.lastScrapeMs} /> : "never"}</span>
        <DurationBar durationMs={target.durationMs} timeoutMs={target.timeoutMs} />
        <span className={css.fact}>{counted(target.samples, "sample")}</span>
      </div>
      {target.error !== "" && <ErrorText text={target.error} of={target.instance} />}
      <div id={id} hidden={!open}>
        {open && <Details target={target} />}
      </div>
    </li>
  );
});
