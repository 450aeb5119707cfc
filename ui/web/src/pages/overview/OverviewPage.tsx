import { useStatus } from "../../live/useLive";
import { FiringCard } from "./FiringCard";
import { HostSection } from "./HostSection";
import { JobsSection } from "./JobsSection";
import { LoadingHistory } from "./LoadingHistory";
import css from "./OverviewPage.module.css";
import { ReloadFailed } from "./ReloadFailed";
import { SectionSkeleton } from "./SectionSkeleton";
import { StateSentence } from "./StateSentence";
import { TargetsCard } from "./TargetsCard";

/** Is it bad, for whom, since when, what next. */
export function OverviewPage() {
  const status = useStatus();
  const others = status?.jobs.some((job) => !(status.host && job.name === status.hostJob) && !(status.self && job.name === "daymark"));
  return (
    <div className={css.page}>
      <StateSentence />
      {status?.loading && <LoadingHistory percent={status.loading.percent} stage={status.loading.stage} />}
      {status?.lastReload?.ok === false && <ReloadFailed error={status.lastReload.error} atMs={status.lastReload.atMs} />}
      <div className={css.cards}>
        <FiringCard />
        <TargetsCard />
      </div>
      {status === null && <SectionSkeleton />}
      {status?.host === true && <HostSection status={status} />}
      {status !== null && (others === true || !status.host) && <JobsSection status={status} />}
    </div>
  );
}
