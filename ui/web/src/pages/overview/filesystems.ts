import type { Aligned } from "../../chart/align";
import { drawable, lastPoint } from "../../chart/align";

/** One device, under the shortest place where it is mounted. */
export interface Filesystem {
  readonly device: string;
  readonly mountpoint: string;
  /** How many further places show the same device. */
  readonly also: number;
  readonly share: number;
  readonly sizeBytes: number | null;
}

/** The filesystems of a panel (query first: used share, the next one: size), the fullest first, each device once. */
export function filesystems(aligned: Aligned, first = 0): readonly Filesystem[] {
  const sizes = new Map<string, number | null>();
  for (const { query, labels, values } of aligned.lines) {
    if (query === first + 1) sizes.set(labels.device ?? "", drawable(lastPoint(values)));
  }
  const found = new Map<string, Filesystem>();
  for (const { query, labels, values } of aligned.lines) {
    const share = drawable(lastPoint(values));
    if (query !== first || share === null) continue;
    const device = labels.device ?? "";
    const mountpoint = labels.mountpoint ?? "";
    const other = found.get(device);
    const shorter = other === undefined || mountpoint.length < other.mountpoint.length;
    found.set(device, {
      device,
      mountpoint: shorter ? mountpoint : other.mountpoint,
      also: other === undefined ? 0 : other.also + 1,
      share: Math.max(share, other?.share ?? 0),
      sizeBytes: sizes.get(device) ?? null,
    });
  }
  return [...found.values()].sort((a, b) => b.share - a.share || a.mountpoint.localeCompare(b.mountpoint, "en"));
}
