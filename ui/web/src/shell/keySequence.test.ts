import { describe, expect, it } from "vitest";
import type { Shortcut } from "../parts/shortcuts";
import { press, type Pressed } from "./keySequence";

const done: string[] = [];
const list: readonly Shortcut[] = [
  { keys: ["g", "o"], does: "", run: () => done.push("overview") },
  { keys: ["g", "e"], does: "", run: () => done.push("explore") },
  { keys: ["e"], does: "", run: () => done.push("edit") },
  { keys: ["?"], does: "", run: () => done.push("sheet") },
  { keys: ["x"], does: "told only" },
];

/** Presses keys, each with the milliseconds since the one before. */
function type(...keys: readonly (readonly [string, number])[]): readonly string[] {
  done.length = 0;
  let held: readonly Pressed[] = [];
  let atMs = 0;
  for (const [key, after] of keys) {
    atMs += after;
    const next = press(held, key, atMs, list);
    next.run?.();
    held = next.keys;
  }
  return [...done];
}

describe("shortcuts", () => {
  it("take one key, or one after another", () => {
    expect(type(["?", 0])).toEqual(["sheet"]);
    expect(type(["g", 0], ["o", 300])).toEqual(["overview"]);
  });

  it("prefer the longer sequence", () => {
    expect(type(["g", 0], ["e", 100])).toEqual(["explore"]);
    expect(type(["e", 0])).toEqual(["edit"]);
  });

  it("forget a first key that nothing followed", () => {
    expect(type(["g", 0], ["o", 5000])).toEqual([]);
    expect(type(["g", 0], ["e", 5000])).toEqual(["edit"]);
  });

  it("begin again at a key that continues nothing", () => {
    expect(type(["g", 0], ["?", 100])).toEqual(["sheet"]);
    expect(type(["g", 0], ["g", 100], ["o", 100])).toEqual(["overview"]);
    expect(type(["g", 0], ["z", 100], ["o", 100])).toEqual([]);
  });

  it("only tell of what a control handles itself", () => {
    expect(type(["x", 0])).toEqual([]);
  });
});
