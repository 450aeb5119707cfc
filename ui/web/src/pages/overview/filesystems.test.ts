import { expect, it } from "vitest";
import type { Aligned, Line } from "../../chart/align";
import { filesystems } from "./filesystems";

const line = (query: number, device: string, mountpoint: string, value: number | null): Line => ({
  query, labels: { device, mountpoint }, values: [value],
});
const aligned = (...lines: Line[]): Aligned => ({ fromMs: 0, stepMs: 1000, count: 1, lines });

it("lists each device once, under its shortest place, the fullest first", () => {
  const list = filesystems(
    aligned(
      line(0, "/dev/sda1", "/var/lib/docker", 0.5), line(0, "/dev/sda1", "/", 0.5), line(0, "/dev/sdb1", "/data", 0.9),
      line(1, "/dev/sda1", "/", 100), line(1, "/dev/sdb1", "/data", 200),
    ),
  );
  expect(list).toEqual([
    { device: "/dev/sdb1", mountpoint: "/data", also: 0, share: 0.9, sizeBytes: 200 },
    { device: "/dev/sda1", mountpoint: "/", also: 1, share: 0.5, sizeBytes: 100 },
  ]);
});

it("leaves out what has no sample and admits what has no size", () => {
  expect(filesystems(aligned(line(0, "a", "/a", null), line(0, "b", "/b", 0.1)))).toEqual([
    { device: "b", mountpoint: "/b", also: 0, share: 0.1, sizeBytes: null },
  ]);
});
