import { memo, useEffect, useRef } from "react";
import { Link } from "wouter";
import type { Alert } from "../../api/types";
import { matchersOf } from "../../matchers/matcher";
import actions from "../../parts/actions.module.css";
import { Clamped } from "../../parts/Clamped";
import { SeverityGlyph, toneWords } from "../../parts/SeverityGlyph";
import { formatValue } from "../../units/format";
import { alertsHref, exploreHref, silenceHref } from "../../url/links";
import { LiveMoment } from "../LiveMoment";
import { sentLines } from "../overview/deliveries";
import { LabelList } from "../overview/LabelList";
import { SentLine } from "../overview/SentLine";
import css from "./AlertCard.module.css";
import { ownExpression } from "./grouping";
import { MutedBy } from "./MutedBy";
import { useMinute } from "./useMinute";

export interface AlertCardProps {
  readonly alert: Alert;
  /** Where this Daymark is reached: a link there is one to Explore. */
  readonly externalUrl: string;
  /** The address names this one: it is shown and gets the focus. */
  readonly chosen: boolean;
}

const shownAnnotations = ["summary", "description", "message", "runbook_url"];

/** One alert: how bad, what, since when, who was told, and what to do next. */
export const AlertCard = memo(function AlertCard({ alert, externalUrl, chosen }: AlertCardProps) {
  const minuteMs = useMinute();
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!chosen) return;
    item.current?.scrollIntoView({ block: "center" });
    item.current?.focus();
  }, [chosen]);
  const sent = sentLines(alert);
  const expr = ownExpression(alert.generatorUrl, externalUrl);
  const annotations = Object.entries(alert.annotations).filter(([name]) => !shownAnnotations.includes(name));
  const muted = alert.status === "suppressed" || alert.silencedBy.length > 0 || alert.inhibitedBy.length > 0;
  return (
    <li ref={item} className={css.item} data-state={alert.state} data-chosen={chosen} tabIndex={-1}>
      <div className={css.glyph}>
        <SeverityGlyph tone={alert.severity} size={16} />
      </div>
      <div className={css.body}>
        <p className={css.head}>
          <strong className={css.name} title={alert.name}>
            {alert.name === "" ? "(no name)" : alert.name}
          </strong>
          <span className={css.word}>
            {alert.state === "pending" ? `pending, ${toneWords[alert.severity]}` : toneWords[alert.severity]}
          </span>
          {alert.value !== null && <span className={css.value}>value {formatValue(alert.value, "count")}</span>}
          <span className={css.since}>
            since <LiveMoment ms={alert.sinceMs} />
          </span>
        </p>
        {alert.summary !== "" && <Clamped className={css.prose} text={alert.summary} lines={3} />}
        {alert.description !== "" && alert.description !== alert.summary && <Clamped className={css.dim} text={alert.description} lines={4} />}
        {annotations.length > 0 && (
          <dl className={css.annotations} aria-label="Annotations">
            {annotations.map(([name, value]) => (
              <div key={name} className={css.annotation}>
                <dt>{name}</dt>
                <dd>
                  <Clamped text={value} lines={2} />
                </dd>
              </div>
            ))}
          </dl>
        )}
        <LabelList labels={alert.labels} without={["alertname", "severity"]} />
        {muted && <MutedBy alert={alert} nowMs={minuteMs} />}
        {alert.state === "pending" && <p className={css.dim}>Not yet held for as long as its rule asks.</p>}
        {sent.length > 0 && (
          <ul className={css.sent} aria-label="Where it was sent">
            {sent.map((line) => (
              <SentLine key={line.kind === "shown" ? "shown" : `${line.kind} ${line.to}`} sent={line} nowMs={minuteMs} />
            ))}
          </ul>
        )}
        <div className={css.actions}>
          <Link className={actions.button ?? ""} href={silenceHref(matchersOf(alert.labels))} aria-label={`Silence ${alert.name}`}>
            Silence
          </Link>
          {alert.runbookUrl !== "" && (
            <a className={actions.button} href={alert.runbookUrl} target="_blank" rel="noopener noreferrer" aria-label={`Runbook of ${alert.name}`}>
              Runbook
            </a>
          )}
          {expr !== null && (
            <Link className={actions.button ?? ""} href={exploreHref([expr])} aria-label={`Explore ${alert.name}`}>
              Explore
            </Link>
          )}
          {expr === null && alert.generatorUrl !== "" && (
            <a className={actions.button} href={alert.generatorUrl} target="_blank" rel="noopener noreferrer" aria-label={`Source of ${alert.name}`}>
              Source
            </a>
          )}
          {alert.receivers.length > 0 && (
            <span className={css.receivers}>
              goes to{" "}
              {alert.receivers.map((name, i) => (
                <span key={name}>
                  {i > 0 && ", "}
                  <Link className={actions.text ?? ""} href={alertsHref([], name)}>
                    {name}
                  </Link>
                </span>
              ))}
            </span>
          )}
        </div>
      </div>
    </li>
  );
});
