import { useMemo } from "react";
import type { Status } from "../../api/types";
import { GaugePanel } from "../../panels/GaugePanel";
import { usePanelScope } from "../../panels/PanelScope";
import { StatPanel } from "../../panels/StatPanel";
import { TimeSeriesPanel } from "../../panels/TimeSeriesPanel";
import { counted, formatValue } from "../../units/format";
import { filesystems } from "./filesystems";
import { FilesystemsPanel } from "./FilesystemsPanel";
import { Fullest } from "./Fullest";
import { cpuModeOrder, hostQueries } from "./hostQueries";
import { Section } from "./Section";

const none = "This machine does not tell.";

/** This machine, streaming: processors, load, memory, disks, network. */
export function HostSection({ status }: { status: Status }) {
  const { stepMs } = usePanelScope();
  const { hostJob, hostName, inProcessIntervalMs } = status;
  const q = useMemo(
    () => hostQueries(hostJob, hostName, inProcessIntervalMs, stepMs),
    [hostJob, hostName, inProcessIntervalMs, stepMs],
  );
  const processors = (n: number | null | undefined) => (n === null || n === undefined ? "" : counted(n, "processor"));
  return (
    <Section title="This machine" note={hostName}>
      <StatPanel
        title="Processor"
        queries={q.cpu}
        unit="ratio"
        full={1}
        detail={([, n]) => processors(n)}
        empty={none}
      />
      <StatPanel
        title="Load"
        queries={q.load}
        unit="load"
        detail={([, n]) => (n === null || n === undefined ? "" : `1 min, over ${counted(n, "processor")}`)}
        empty={none}
      />
      <GaugePanel
        title="Memory"
        queries={q.memory}
        limits={[0.85, 0.95]}
        detail={([, used, total]) => (
          <>
            <p>{formatValue(used, "bytes")} used</p>
            <p>of {formatValue(total, "bytes")}</p>
          </>
        )}
        empty={none}
      />
      <GaugePanel
        title="Disk"
        queries={q.disk}
        limits={[0.85, 0.95]}
        detail={(_, aligned) => <Fullest fullest={filesystems(aligned, 1)[0]} />}
        empty="No filesystem can be read from here."
      />
      <TimeSeriesPanel title="Processor by mode" note="of all processors" queries={q.cpuModes} unit="ratio" stacked order={cpuModeOrder} atLeast={0.1} atMost={1} empty={none} />
      <TimeSeriesPanel title="Load average" note="processes that run or wait" queries={q.loads} unit="load" order={["1 min", "5 min", "15 min"]} atLeast={1} empty={none} />
      <TimeSeriesPanel title="Memory in use" note="not counting caches" queries={q.memoryUse} unit="bytes" empty={none} />
      <TimeSeriesPanel title="Network" note="all interfaces but virtual ones" queries={q.network} unit="bytes/s" atLeast={4096} empty={none} />
      <TimeSeriesPanel title="Disk throughput" note="all drives" queries={q.diskIo} unit="bytes/s" atLeast={65_536} empty="No drive can be read from here." />
      <FilesystemsPanel queries={q.filesystems} />
    </Section>
  );
}
