import { describe, expect, it } from "vitest";
import { readRecent, remember, writeRecent } from "./recent";

describe("recent queries", () => {
  it("are each kept once, the newest first", () => {
    expect(remember(["up", "node_load1"], [" up ", ""])).toEqual(["up", "node_load1"]);
    expect(remember(["up", "node_load1"], ["node_load1"])).toEqual(["node_load1", "up"]);
  });

  it("are bounded in number and length", () => {
    const many = Array.from({ length: 100 }, (_, i) => `metric_${i}`);
    expect(remember(many, ["x".repeat(5000), "up"])).toHaveLength(40);
    expect(remember(many, ["x".repeat(5000), "up"])[0]).toBe("up");
  });

  it("survive a storage that holds something else, or nothing", () => {
    const holding = (text: string | null) => readRecent({ getItem: () => text });
    expect(holding(null)).toEqual([]);
    expect(holding("{")).toEqual([]);
    expect(holding('{"a":1}')).toEqual([]);
    expect(holding('["up",7,null]')).toEqual(["up"]);
    const refuses = () => {
      throw new Error("no room");
    };
    expect(readRecent({ getItem: refuses })).toEqual([]);
    expect(() => writeRecent({ setItem: refuses }, ["up"])).not.toThrow();
  });

  it("come back as they were kept", () => {
    let kept = "";
    writeRecent({ setItem: (_, text) => (kept = text) }, ["up", 'x{a="\u202e<script>"}']);
    expect(readRecent({ getItem: () => kept })).toEqual(["up", 'x{a="\u202e<script>"}']);
  });
});
