import { Disclosure } from "../../parts/Disclosure";

const section = `alertmanager:
  route:
    receiver: pager
    group_wait: 0s
  receivers:
    - name: pager
      webhook_configs:
        - url: https://example.com/page`;

/** Says that the built-in route only shows alerts, and how to change that. */
export function PagingNotice({ configFile }: { configFile: string }) {
  const file = configFile === "" ? "a configuration file" : configFile;
  return (
    <Disclosure
      tone="info"
      summary={
        <>
          <strong>Alerts are sent to nobody yet.</strong> They are shown here only.
        </>
      }
      action="How to change that"
    >
      <p>
        Start Daymark with <code>--alertmanager.config.file=alertmanager.yml</code> in Alertmanager’s own format, or write the
        same into {file} as a section:
      </p>
      <pre tabIndex={0} aria-label="An alertmanager section">
        {section}
      </pre>
      <p>
        Without <code>group_wait</code> a route waits 30 s before it pages. Started with <code>--config.file</code>, Daymark scrapes
        exactly what that file says: add <code>host: true</code>, <code>self: true</code> and <code>packs: auto</code> to keep this
        machine.
      </p>
    </Disclosure>
  );
}
