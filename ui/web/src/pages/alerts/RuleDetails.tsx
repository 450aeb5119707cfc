import { Link } from "wouter";
import { fetchRuleAlerts, type Rule } from "../../api/rules";
import { failureWords } from "../../api/request";
import { usePolled } from "../../api/usePolled";
import actions from "../../parts/actions.module.css";
import { Clamped } from "../../parts/Clamped";
import { CopyButton } from "../../parts/CopyButton";
import { ErrorText } from "../../parts/ErrorText";
import { Stepped } from "../../parts/Stepped";
import { promDuration } from "../../time/duration";
import { exploreHref } from "../../url/links";
import { LiveAgo, LiveMoment } from "../LiveMoment";
import { LabelList } from "../overview/LabelList";
import css from "./RuleRow.module.css";

const step = 20;

function Facts({ rule }: { rule: Rule }) {
  return (
    <dl className={css.facts}>
      {rule.kind === "alerting" && (
        <div>
          <dt>for</dt>
          <dd>{promDuration(rule.forSeconds * 1000)}</dd>
        </div>
      )}
      {rule.kind === "alerting" && rule.keepFiringForSeconds > 0 && (
        <div>
          <dt>keep_firing_for</dt>
          <dd>{promDuration(rule.keepFiringForSeconds * 1000)}</dd>
        </div>
      )}
      <div>
        <dt>evaluated</dt>
        <dd>{rule.lastEvaluationMs > 0 ? <LiveAgo ms={rule.lastEvaluationMs} /> : "not yet"}</dd>
      </div>
      {rule.kind === "alerting" &&
        Object.entries(rule.annotations).map(([name, value]) => (
          <div key={name}>
            <dt title={name}>{name}</dt>
            <dd>
              <Clamped text={value} lines={4} />
            </dd>
          </div>
        ))}
    </dl>
  );
}

function ActiveAlerts({ file, group, rule }: { file: string; group: string; rule: Rule }) {
  const alerts = usePolled(["rules", "alerts", file, group, rule.name, rule.expr], (signal) => fetchRuleAlerts(file, group, rule, signal));
  if (alerts.data === undefined) {
    return alerts.isError ? <ErrorText of={`the alerts of ${rule.name}`} text={failureWords(alerts.error)} /> : <p className={css.dim}>Its alerts are being read.</p>;
  }
  if (alerts.data.length === 0) return <p className={css.dim}>No alert is active.</p>;
  return (
    <Stepped
      label={`Active alerts of ${rule.name}`}
      step={step}
      items={alerts.data.map((alert) => (
        <li key={JSON.stringify(alert.labels)} className={css.alert}>
          <span className={css.alertHead}>
            <strong>{alert.state}</strong> since <LiveMoment ms={alert.sinceMs} />, value {alert.value}
          </span>
          <LabelList labels={alert.labels} without={["alertname"]} />
        </li>
      ))}
    />
  );
}

/** What a rule is made of, and the alerts that it holds. */
export function RuleDetails({ file, group, rule }: { file: string; group: string; rule: Rule }) {
  return (
    <div className={css.details}>
      <pre className={css.whole} tabIndex={0} aria-label={`Expression of ${rule.name}`}>
        {rule.expr}
      </pre>
      <p className={actions.row}>
        <Link className={actions.button ?? ""} href={exploreHref([rule.expr])} aria-label={`Explore ${rule.name}`}>
          Explore
        </Link>
        {rule.kind === "recording" && (
          <Link className={actions.button ?? ""} href={exploreHref([rule.name])} aria-label={`Explore the series of ${rule.name}`}>
            Explore its series
          </Link>
        )}
        <CopyButton text={rule.expr} label={`Copy the expression of ${rule.name}`} />
      </p>
      <LabelList labels={rule.labels} />
      <Facts rule={rule} />
      {rule.kind === "alerting" && <ActiveAlerts file={file} group={group} rule={rule} />}
    </div>
  );
}
