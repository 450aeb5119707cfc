import { Link } from "wouter";
import type { Alert } from "../../api/types";
import { Clamped } from "../../parts/Clamped";
import { Moment } from "../../parts/Moment";
import { SeverityGlyph, toneWords } from "../../parts/SeverityGlyph";
import { alertHref } from "../../url/links";
import { mutedWords, sentLines } from "./deliveries";
import css from "./AlertItem.module.css";
import { LabelList } from "./LabelList";
import { SentLine } from "./SentLine";

/** One alert: how bad, what, since when, and who was told. */
export function AlertItem({ alert, nowMs }: { alert: Alert; nowMs: number }) {
  const muted = mutedWords(alert, nowMs);
  const calm = alert.state === "pending" || muted !== "";
  const sent = sentLines(alert);
  return (
    <li className={css.item} data-state={alert.state}>
      <div className={css.severity}>
        <SeverityGlyph tone={calm && alert.severity === "none" ? "none" : alert.severity} size={16} />
      </div>
      <div className={css.body}>
        <p className={css.head}>
          <Link className={css.name ?? ""} title={alert.name} href={alertHref(alert.fingerprint)}>
            {alert.name}
          </Link>
          <span className={css.word}>
            {alert.state === "pending" ? `pending, ${toneWords[alert.severity]}` : toneWords[alert.severity]}
          </span>
          <span className={css.since}>
            <Moment ms={alert.sinceMs} nowMs={nowMs} />
          </span>
        </p>
        {alert.summary !== "" && <Clamped className={css.summary} text={alert.summary} lines={3} />}
        {alert.description !== "" && alert.description !== alert.summary && (
          <Clamped className={css.description} text={alert.description} lines={4} />
        )}
        <LabelList labels={alert.labels} without={["alertname", "severity"]} />
        {muted !== "" && <Clamped className={css.muted} text={`${muted} Nobody is paged.`} lines={3} />}
        {alert.state === "pending" && <p className={css.muted}>Not yet held for as long as its rule asks.</p>}
        {sent.length > 0 && (
          <ul className={css.sent} aria-label="Where it was sent">
            {sent.map((line) => (
              <SentLine key={line.kind === "shown" ? "shown" : `${line.kind} ${line.to}`} sent={line} nowMs={nowMs} />
            ))}
          </ul>
        )}
        {alert.runbookUrl !== "" && (
          <a className={css.runbook} href={alert.runbookUrl} target="_blank" rel="noreferrer noopener">
            Runbook
          </a>
        )}
      </div>
    </li>
  );
}
