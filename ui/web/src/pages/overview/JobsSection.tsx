import type { Status } from "../../api/types";
import { StatPanel } from "../../panels/StatPanel";
import { TimeSeriesPanel } from "../../panels/TimeSeriesPanel";
import { counted, formatCount } from "../../units/format";
import { jobQueries as q } from "./jobQueries";
import { Section } from "./Section";

const none = "Nothing has been scraped in this range.";

/** The configured jobs, by what each scrape says of itself. */
export function JobsSection({ status }: { status: Status }) {
  return (
    <Section title="Jobs" note={counted(status.jobs.length, "job")} pairs>
      <StatPanel
        title="Targets up"
        queries={q.targets}
        unit="count"
        detail={([, all]) => (all === null || all === undefined ? "" : `of ${formatCount(all)}`)}
        empty={none}
      />
      <StatPanel title="Samples per scrape" queries={q.samples} unit="count" detail={() => "of all targets"} empty={none} />
      <StatPanel title="Slowest scrape" queries={q.slowest} unit="seconds" detail={() => "of all targets"} empty={none} />
      <StatPanel title="New series" queries={q.churn} unit="count" detail={() => "in the last scrapes"} empty={none} />
      <TimeSeriesPanel title="Targets up by job" queries={q.up} unit="count" empty={none} />
      <TimeSeriesPanel title="Scrape duration" note="slowest target of each job" queries={q.duration} unit="seconds" empty={none} />
      <TimeSeriesPanel title="Samples per scrape by job" queries={q.samplesByJob} unit="count" empty={none} />
      <TimeSeriesPanel title="New series by job" note="in the last scrapes" queries={q.churnByJob} unit="count" empty={none} />
    </Section>
  );
}
