import type { Labels } from "../../api/types";
import type { PanelQuery } from "../../panels/usePanelData";
import { promDuration } from "../../time/duration";
import { rateWindowMs } from "../../time/step";

/** A label's value as PromQL writes it. */
export function quote(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

const named = (name: string) => () => name;
const label = (key: string) => (labels: Labels) => labels[key] ?? "";

/** What this machine's panels ask, under node_exporter's metric names. */
export interface HostQueries {
  readonly cpu: readonly PanelQuery[];
  readonly cpuModes: readonly PanelQuery[];
  readonly load: readonly PanelQuery[];
  readonly loads: readonly PanelQuery[];
  readonly memory: readonly PanelQuery[];
  readonly memoryUse: readonly PanelQuery[];
  readonly disk: readonly PanelQuery[];
  readonly filesystems: readonly PanelQuery[];
  readonly diskIo: readonly PanelQuery[];
  readonly network: readonly PanelQuery[];
}

/** The order in which the modes of a processor are stacked: what people ask about first at the bottom. */
export const cpuModeOrder = ["user", "system", "iowait", "nice", "irq", "softirq", "steal"];

/** Queries over the machine that is scraped as job and instance every intervalMs, drawn every stepMs. */
export function hostQueries(job: string, instance: string, intervalMs: number, stepMs: number): HostQueries {
  const self = `job=${quote(job)},instance=${quote(instance)}`;
  const range = `[${promDuration(rateWindowMs(intervalMs, stepMs))}]`;
  const idle = `node_cpu_seconds_total{${self},mode="idle"}`;
  // Shares are of what all modes have together, and not of the seconds that have passed: while history is
  // shorter than the range, rate() falls short of those.
  const spent = `rate(node_cpu_seconds_total{${self}}${range})`;
  const drives = 'device!~"(dm-|loop|ram|zram|md|sr).*"';
  const links = 'device!~"lo|(veth|docker|br-|cni|flannel|cali|virbr|tap).*"';
  const files = `${self},fstype!~"tmpfs|ramfs|squashfs|iso9660|erofs"`;
  const free = `node_filesystem_avail_bytes{${files}}`;
  const size = `node_filesystem_size_bytes{${files}}`;
  const share = `max by (device, mountpoint) (1 - ${free} / (${size} > 0))`;
  const available = `node_memory_MemAvailable_bytes{${self}}`;
  const total = `node_memory_MemTotal_bytes{${self}}`;
  const places: readonly PanelQuery[] = [
    { expr: share, name: (labels) => `${labels.mountpoint ?? ""} used` },
    { expr: `max by (device, mountpoint) (${size})`, name: (labels) => `${labels.mountpoint ?? ""} size`, unit: "bytes" },
  ];
  return {
    cpu: [
      { expr: `1 - sum(rate(${idle}${range})) / sum(${spent})`, name: named("busy") },
      { expr: `count(${idle})`, name: named("processors"), unit: "count" },
    ],
    cpuModes: [
      {
        expr: `sum by (mode) (rate(node_cpu_seconds_total{${self},mode!="idle"}${range})) / scalar(sum(${spent}))`,
        name: label("mode"),
      },
    ],
    load: [
      { expr: `max(node_load1{${self}})`, name: named("1 min") },
      { expr: `count(${idle})`, name: named("processors"), unit: "count" },
    ],
    loads: [
      { expr: `max(node_load1{${self}})`, name: named("1 min") },
      { expr: `max(node_load5{${self}})`, name: named("5 min") },
      { expr: `max(node_load15{${self}})`, name: named("15 min") },
    ],
    memory: [
      { expr: `max(1 - ${available} / ${total})`, name: named("used") },
      { expr: `max(${total} - ${available})`, name: named("used bytes"), unit: "bytes" },
      { expr: `max(${total})`, name: named("total bytes"), unit: "bytes" },
    ],
    memoryUse: [{ expr: `max(${total} - ${available})`, name: named("used") }],
    disk: [{ expr: `max(${share})`, name: named("fullest") }, ...places],
    filesystems: places,
    diskIo: [
      { expr: `sum(rate(node_disk_read_bytes_total{${self},${drives}}${range}))`, name: named("read") },
      { expr: `sum(rate(node_disk_written_bytes_total{${self},${drives}}${range}))`, name: named("written") },
    ],
    network: [
      { expr: `sum(rate(node_network_receive_bytes_total{${self},${links}}${range}))`, name: named("received") },
      { expr: `sum(rate(node_network_transmit_bytes_total{${self},${links}}${range}))`, name: named("sent") },
    ],
  };
}
