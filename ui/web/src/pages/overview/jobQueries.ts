import type { Labels } from "../../api/types";
import type { PanelQuery } from "../../panels/usePanelData";

/** What is shown of configured jobs: what every scrape says of itself. */
export interface JobQueries {
  readonly targets: readonly PanelQuery[];
  readonly samples: readonly PanelQuery[];
  readonly slowest: readonly PanelQuery[];
  readonly churn: readonly PanelQuery[];
  readonly up: readonly PanelQuery[];
  readonly duration: readonly PanelQuery[];
  readonly samplesByJob: readonly PanelQuery[];
  readonly churnByJob: readonly PanelQuery[];
}

const byJob = (labels: Labels) => labels.job ?? "";
const named = (name: string) => () => name;

export const jobQueries: JobQueries = {
  targets: [
    { expr: "sum(up)", name: named("up") },
    { expr: "count(up)", name: named("targets") },
  ],
  samples: [{ expr: "sum(scrape_samples_post_metric_relabeling)", name: named("samples") }],
  slowest: [{ expr: "max(scrape_duration_seconds)", name: named("slowest") }],
  churn: [{ expr: "sum(scrape_series_added)", name: named("new series") }],
  up: [{ expr: "sum by (job) (up)", name: byJob }],
  duration: [{ expr: "max by (job) (scrape_duration_seconds)", name: byJob }],
  samplesByJob: [{ expr: "sum by (job) (scrape_samples_post_metric_relabeling)", name: byJob }],
  churnByJob: [{ expr: "sum by (job) (scrape_series_added)", name: byJob }],
};
