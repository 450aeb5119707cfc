import { Link } from "wouter";
import { useAlerts, useServerNow, useStatus } from "../../live/useLive";
import actions from "../../parts/actions.module.css";
import { Capped } from "../../parts/Capped";
import { Card } from "../../parts/Card";
import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { formatCount } from "../../units/format";
import { AlertItem } from "./AlertItem";
import css from "./FiringCard.module.css";
import { byUrgency } from "./order";
import { PagingNotice } from "./PagingNotice";

const first = 10;

function aside(firing: number, pending: number): string {
  if (firing === 0 && pending === 0) return "";
  return pending === 0 ? `${formatCount(firing)} firing` : `${formatCount(firing)} firing, ${formatCount(pending)} pending`;
}

/** What fires and what is about to, and whether anybody hears of it. */
export function FiringCard() {
  const alerts = useAlerts();
  const status = useStatus();
  const nowMs = useServerNow();
  return (
    <Card
      id="firing"
      title="Firing and pending"
      aside={
        <Link className={actions.text ?? ""} href="/alerts">
          {alerts === null || alerts.alerts.length === 0 ? "Alerts" : aside(alerts.firing, alerts.pending)}
        </Link>
      }
    >
      {alerts === null && <div className={css.skeleton} role="status" aria-label="Loading" />}
      {alerts !== null && alerts.alerts.length === 0 && status?.ready === false && (
        <p className={css.calm}>Not known until history has been read.</p>
      )}
      {alerts !== null && alerts.alerts.length === 0 && status?.ready !== false && (
        <p className={css.calm}>
          <SeverityGlyph tone="healthy" /> Nothing is firing and nothing is pending.
        </p>
      )}
      {alerts !== null && alerts.alerts.length > 0 && (
        <Capped
          label="Alerts"
          first={first}
          beyond={alerts.truncated}
          items={byUrgency(alerts.alerts).map((alert) => (
            <AlertItem key={`${alert.state} ${alert.fingerprint}`} alert={alert} nowMs={nowMs} />
          ))}
        />
      )}
      {status?.paging.builtIn === true && <PagingNotice configFile={status.configFile} />}
    </Card>
  );
}
