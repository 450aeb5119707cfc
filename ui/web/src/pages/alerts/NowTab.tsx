import { NativeSelect, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { useAlerts, useStatus } from "../../live/useLive";
import actions from "../../parts/actions.module.css";
import { Card } from "../../parts/Card";
import { Empty } from "../../parts/Empty";
import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { Stepped } from "../../parts/Stepped";
import { counted, formatCount } from "../../units/format";
import { useAddress } from "../../url/useAddress";
import { AlertCard } from "./AlertCard";
import css from "./AlertsPage.module.css";
import { bySeverity, filterAlerts } from "./grouping";
import { useAlertFilter } from "./useAlertFilter";

const step = 100;
const titles = { critical: "Critical", warning: "Warning", info: "Info", none: "No severity" } as const;

/** What fires and what is about to: filtered, by severity, with who was told and what to do. */
export function NowTab() {
  const alerts = useAlerts();
  const status = useStatus();
  const filter = useAlertFilter();
  const { matchers, words, receiver } = filter;
  const chosen = useAddress()[0].get("alert");
  const shown = useMemo(() => (alerts === null ? null : filterAlerts(alerts.alerts, { matchers, words, receiver })), [alerts, matchers, words, receiver]);
  const groups = useMemo(() => bySeverity(shown ?? []), [shown]);
  const receivers = useMemo(
    () => [...new Set([...(status?.paging.receivers ?? []), ...(alerts?.alerts ?? []).flatMap((alert) => alert.receivers), receiver])].filter((name) => name !== "").sort(),
    [status, alerts, receiver],
  );

  const filtered = matchers.length > 0 || words !== "" || receiver !== "";
  const all = alerts === null ? 0 : alerts.alerts.length;
  return (
    <div className={css.tab}>
      <div className={css.tools}>
        <TextInput
          className={css.filter ?? ""}
          label="Filter"
          placeholder='Words, or matchers: severity="critical", team=~"pay.*"'
          value={filter.line}
          error={filter.error === "" ? undefined : `Not a filter yet: ${filter.error}.`}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => filter.write(event.currentTarget.value)}
        />
        <NativeSelect
          className={css.receiver ?? ""}
          label="Receiver"
          value={receiver}
          data={[{ value: "", label: "Any receiver" }, ...receivers.map((name) => ({ value: name, label: name }))]}
          onChange={(event) => filter.setReceiver(event.currentTarget.value)}
        />
        <p className={css.counts} role="status">
          {alerts !== null && (
            <>
              {formatCount(alerts.firing)} firing, {formatCount(alerts.pending)} pending
              {filtered && shown !== null && `; ${counted(shown.length, "matches", "match")}`}
            </>
          )}
        </p>
      </div>
      {alerts === null && <div className={css.skeleton} role="status" aria-label="Loading" />}
      {alerts !== null && shown === null && (
        <Empty tone="warning" title="This regular expression cannot be read by the browser.">
          <p>Write it without Go’s special groups, or open a silence with it: there the server counts what it selects.</p>
        </Empty>
      )}
      {alerts !== null && all === 0 && status?.ready === false && <Empty tone="info" title="Not known until history has been read." />}
      {alerts !== null && all === 0 && status?.ready !== false && (
        <Empty tone="healthy" title="Nothing is firing and nothing is pending.">
          <p>When a rule’s condition holds, or somebody posts an alert, it is here within a second.</p>
        </Empty>
      )}
      {shown?.length === 0 && all > 0 && (
        <Empty tone="none" title="No alert matches this filter.">
          <p>
            {counted(all, "alert")} {all === 1 ? "is" : "are"} hidden by it.{" "}
            <button type="button" className={actions.text} onClick={filter.clear}>
              Show all
            </button>
          </p>
        </Empty>
      )}
      {chosen !== null && shown !== null && !shown.some((alert) => alert.fingerprint === chosen) && (
        <Empty tone="info" title="The alert of this link is not firing and not pending now.">
          <p>It has been resolved, or the filter hides it.</p>
        </Empty>
      )}
      {groups.map(({ severity, alerts: list }) => (
        <Card
          key={severity}
          title={
            <>
              <SeverityGlyph tone={severity} size={13} /> {titles[severity]}
            </>
          }
          aside={counted(list.length, "alert")}
        >
          <Stepped
            label={`${titles[severity]} alerts`}
            step={step}
            items={list.map((alert) => (
              <AlertCard
                key={`${alert.state} ${alert.fingerprint}`}
                alert={alert}
                externalUrl={status?.externalUrl ?? ""}
                chosen={alert.fingerprint === chosen}
              />
            ))}
          />
        </Card>
      ))}
      {alerts !== null && alerts.truncated > 0 && (
        <p className={css.beyond}>
          {counted(alerts.truncated, "more alert")} {alerts.truncated === 1 ? "is" : "are"} not listed: the first {formatCount(alerts.alerts.length)} by
          urgency are.
        </p>
      )}
    </div>
  );
}
