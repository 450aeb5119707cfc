import { describe, expect, it } from "vitest";
import { hostQueries, quote } from "./hostQueries";

describe("quote", () => {
  it.each([
    ["web-1", '"web-1"'],
    ['a"b\\c\nd', '"a\\"b\\\\c\\nd"'],
    ["<script>", '"<script>"'],
  ])("%j", (value, want) => {
    expect(quote(value)).toBe(want);
  });
});

describe("hostQueries", () => {
  it("asks for one machine only, with a rate that fits interval and step", () => {
    const { cpu, network } = hostQueries("node", 'we"b', 15_000, 1000);
    const self = 'job="node",instance="we\\"b"';
    expect(cpu[0]!.expr).toBe(
      `1 - sum(rate(node_cpu_seconds_total{${self},mode="idle"}[1m])) / sum(rate(node_cpu_seconds_total{${self}}[1m]))`,
    );
    expect(network[1]!.expr).toContain("[1m]");
  });

  it("names modes and filesystems by their labels", () => {
    const { cpuModes, filesystems } = hostQueries("node", "web-1", 1000, 1000);
    expect(cpuModes[0]!.name({ mode: "user" })).toBe("user");
    expect(filesystems[0]!.name({ device: "/dev/sda1", mountpoint: "/" })).toBe("/ used");
  });

  it("asks the same twice where two panels show the same, so that both share one watch", () => {
    const q = hostQueries("node", "web-1", 1000, 1000);
    expect(q.cpu[1]!.expr).toBe(q.load[1]!.expr);
    expect(q.memory[1]!.expr).toBe(q.memoryUse[0]!.expr);
  });
});
