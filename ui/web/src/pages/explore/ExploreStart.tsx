import type { Status } from "../../api/types";
import css from "./ExploreStart.module.css";

export interface ExploreStartProps {
  readonly status: Status | null;
  readonly recent: readonly string[];
  readonly ask: (expr: string) => void;
}

interface Example {
  readonly what: string;
  readonly expr: string;
}

/** Questions that this Daymark can answer, by what it scrapes. */
export function examples(status: Status | null): readonly Example[] {
  return [
    { what: "Which targets answer", expr: "up" },
    ...(status?.host === true
      ? [
          { what: "Processor time by mode", expr: "sum by (mode) (rate(node_cpu_seconds_total[1m]))" },
          { what: "Memory that is available", expr: "node_memory_MemAvailable_bytes" },
        ]
      : []),
    { what: "How long scrapes take, the slowest five", expr: "topk(5, scrape_duration_seconds)" },
    { what: "Samples scraped, by job", expr: "sum by (job) (scrape_samples_scraped)" },
  ];
}

/** Before the first question: what may be asked. */
export function ExploreStart({ status, recent, ask }: ExploreStartProps) {
  return (
    <div className={css.start}>
      <section className={css.part}>
        <h2 className={css.title}>Ask in PromQL</h2>
        <p className={css.hint}>Begin to type a metric, a label or a function: the editor completes what exists here. Or begin with one of these.</p>
        <ul className={css.list} aria-label="Examples">
          {examples(status).map(({ what, expr }) => (
            <li key={expr}>
              <button type="button" className={css.ask} onClick={() => ask(expr)}>
                <span>{what}</span>
                <code className={css.expr}>{expr}</code>
              </button>
            </li>
          ))}
        </ul>
      </section>
      {recent.length > 0 && (
        <section className={css.part}>
          <h2 className={css.title}>Asked before in this browser</h2>
          <ul className={css.list} aria-label="Recent queries">
            {recent.slice(0, 6).map((expr) => (
              <li key={expr}>
                <button type="button" className={css.ask} onClick={() => ask(expr)}>
                  <code className={css.expr} title={expr}>
                    {expr}
                  </code>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
