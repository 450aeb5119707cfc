import { describe, expect, it } from "vitest";
import { target, targets } from "../../testing/documents";
import { filterPools, readHealth, targetSelector, unlisted } from "./targetFilter";

const any = { health: null, job: "", search: "" };
const document = targets(2, 1, 1);
const shop = { ...document.pools[0]!, job: "shop", up: 9, down: 0, unknown: 0, targets: [{ ...target, instance: "shop-1", labels: { zone: "eu" } }] };
const both = { ...document, pools: [document.pools[0]!, shop, { ...shop, job: "empty", up: 0, targets: [] }] };
const instances = (filter: typeof any | Parameters<typeof filterPools>[1]) =>
  filterPools(both, filter).map((pool) => [pool.job, pool.targets.map(({ instance }) => instance)]);

describe("filterPools", () => {
  it("leaves everything, empty jobs included", () => expect(instances(any).map(([job]) => job)).toEqual(["node", "shop", "empty"]));
  it("by health", () => expect(instances({ ...any, health: "down" })).toEqual([["node", ["down-0:9100"]]]));
  it("by job", () => expect(instances({ ...any, job: "shop" })).toEqual([["shop", ["shop-1"]]]));
  it("by words in labels and errors", () => {
    expect(instances({ ...any, search: "ZONE eu" })).toEqual([["shop", ["shop-1"]]]);
    expect(instances({ ...any, search: "refused" })).toEqual([["node", ["down-0:9100"]]]);
  });
});

describe("unlisted", () => {
  it("tells how many the server left out", () => expect(both.pools.map(unlisted)).toEqual([0, 8, 0]));
});

describe("targetSelector", () => {
  it("quotes what stands in labels", () => expect(targetSelector("up", 'a"b', "x\\y")).toBe('up{job="a\\"b",instance="x\\\\y"}'));
});

describe("readHealth", () => {
  it("takes no other word", () => expect([readHealth("down"), readHealth("sick"), readHealth(null)]).toEqual(["down", null, null]));
});
