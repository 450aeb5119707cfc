import { Disclosure } from "../../parts/Disclosure";

const section = `alertmanager:
  route:
    receiver: pager
  receivers:
    - name: pager
      webhook_configs:
        - url: https://example.com/page`;

/** Says that the built-in route only shows pages, and how to change that. */
export function PagingNotice({ configFile }: { configFile: string }) {
  const file = configFile === "" ? "a configuration file" : configFile;
  return (
    <Disclosure
      tone="info"
      summary={
        <>
          <strong>Pages reach nobody yet.</strong> They are shown here only.
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
        A route that says nothing of <code>group_wait</code> waits 30 s before it pages.
      </p>
    </Disclosure>
  );
}
