import { Link } from "wouter";
import { fetchReceivers } from "../../api/receivers";
import { failureWords } from "../../api/request";
import { usePolled } from "../../api/usePolled";
import { useStatus } from "../../live/useLive";
import actions from "../../parts/actions.module.css";
import { Card } from "../../parts/Card";
import { CodeLines } from "../../parts/CodeLines";
import { Empty } from "../../parts/Empty";
import { ErrorText } from "../../parts/ErrorText";
import { counted } from "../../units/format";
import { alertsHref } from "../../url/links";
import { PagingHelp } from "../overview/PagingHelp";
import css from "./AlertsPage.module.css";
import { IntegrationRow } from "./IntegrationRow";
import rowCss from "./IntegrationRow.module.css";

/** Who is told, by which ways, and whether these work. */
export function ReceiversTab() {
  const receivers = usePolled(["receivers"], fetchReceivers);
  const status = useStatus();
  if (receivers.data === undefined) {
    return receivers.isError ? (
      <Empty tone="warning" title="The receivers could not be read.">
        <ErrorText of="the receivers" text={failureWords(receivers.error)} />
      </Empty>
    ) : (
      <div className={css.skeleton} role="status" aria-label="Loading" />
    );
  }
  const { builtIn, configFile, receivers: list } = receivers.data;
  return (
    <div className={css.tab}>
      {builtIn && (
        <Card title="Pages reach nobody yet">
          <div className={rowCss.help}>
            <p>Daymark’s own route is in force: alerts are shown here, and sent to nobody. Name who is to be told:</p>
            <PagingHelp configFile={status?.configFile ?? ""} />
          </div>
        </Card>
      )}
      {!builtIn && configFile !== "" && (
        <p className={css.beyond}>
          As <code>{configFile}</code> has them.
        </p>
      )}
      {!builtIn && list.length === 0 && (
        <Empty tone="warning" title="There are no receivers.">
          <p>Nobody is told of anything. Name some in {configFile === "" ? "the configuration" : configFile}:</p>
          <CodeLines label="The lines of a receiver" text={"receivers:\n  - name: pager\n    webhook_configs:\n      - url: https://example.com/page"} />
        </Empty>
      )}
      {list.map((receiver) => (
        <Card
          key={receiver.name}
          title={<span className={rowCss.title}>{receiver.name}</span>}
          aside={
            <Link className={actions.text ?? ""} href={alertsHref([], receiver.name)}>
              {receiver.routes === 0 ? "no route leads here" : counted(receiver.routes, "route")}
            </Link>
          }
        >
          {receiver.integrations.length === 0 ? (
            <p className={css.beyond}>{builtIn ? "It shows alerts on these pages." : "It tells nobody: it has no integrations."}</p>
          ) : (
            <ul className={rowCss.list} aria-label={`Integrations of ${receiver.name}`}>
              {receiver.integrations.map((integration) => (
                <IntegrationRow key={`${integration.name} ${integration.index}`} receiver={receiver.name} integration={integration} />
              ))}
            </ul>
          )}
        </Card>
      ))}
    </div>
  );
}
