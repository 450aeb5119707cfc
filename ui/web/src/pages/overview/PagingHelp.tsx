import { CodeLines } from "../../parts/CodeLines";

const section = `alertmanager:
  route:
    receiver: pager
    group_wait: 0s
  receivers:
    - name: pager
      webhook_configs:
        - url: https://example.com/page`;

/** How alerts get to somebody: the lines to add, and where. */
export function PagingHelp({ configFile }: { configFile: string }) {
  const file = configFile === "" ? "a configuration file" : configFile;
  return (
    <>
      <p>
        Start Daymark with <code>--alertmanager.config.file=alertmanager.yml</code> in Alertmanager’s own format, or write the
        same into {file} as a section:
      </p>
      <CodeLines label="An alertmanager section" text={section} />
      <p>
        Without <code>group_wait</code> a route waits 30 s before it pages. Started with <code>--config.file</code>, Daymark scrapes
        exactly what that file says: add <code>host: true</code>, <code>self: true</code> and <code>packs: auto</code> to keep this
        machine.
      </p>
    </>
  );
}
