import { EqlRegex, EqlSingle, Neq } from "@prometheus-io/lezer-promql";
import { afterEach, describe, expect, it, vi } from "vitest";
import { labelInPath, metricsLike } from "../api/vocabulary";
import { Kept } from "./kept";
import { selectorText, Vocabulary } from "./vocabulary";

afterEach(() => vi.unstubAllGlobals());

/** A server that answers every question with data, or with this status. */
function serve(data: unknown, status = 200): string[] {
  const asked: string[] = [];
  vi.stubGlobal("document", { baseURI: "http://127.0.0.1:5470/some/path/" });
  vi.stubGlobal("fetch", (url: URL) => {
    asked.push(url.pathname + url.search);
    return Promise.resolve(new Response(JSON.stringify({ status: "success", data }), { status }));
  });
  return asked;
}

describe("what completion offers", () => {
  it("is asked for below the path of this Daymark, bounded, once", async () => {
    const asked = serve(["up", "go_goroutines"]);
    const vocabulary = new Vocabulary();
    expect(await vocabulary.metricNames()).toEqual(["up", "go_goroutines"]);
    expect(await vocabulary.metricNames()).toEqual(["up", "go_goroutines"]);
    expect(asked).toEqual(["/some/path/api/v1/label/__name__/values?limit=10000"]);
  });

  it("is narrowed by the metric and the conditions that stand already", async () => {
    const asked = serve(["GET"]);
    await new Vocabulary().labelValues("method", "http_requests_total", [
      { type: EqlSingle, name: "job", value: "api" },
      { type: EqlSingle, name: "method", value: "G" },
      { type: EqlRegex, name: "code", value: "" },
    ]);
    expect(new URL(asked[0]!, "http://x").searchParams.get("match[]")).toBe('{__name__="http_requests_total",job="api"}');
  });

  it("is nothing where the server does not answer, and asked for again", async () => {
    const vocabulary = new Vocabulary();
    serve(null, 503);
    expect(await vocabulary.labelNames("up")).toEqual([]);
    expect(await vocabulary.metricMetadata()).toEqual({});
    serve(["job"]);
    expect(await vocabulary.labelNames("up")).toEqual(["job"]);
  });

  it("knows type and help", async () => {
    serve({ up: [{ type: "gauge", unit: "", help: "Is it up?" }] });
    expect(await new Vocabulary().metricMetadata()).toEqual({ up: [{ type: "gauge", help: "Is it up?" }] });
  });
});

describe("selectors", () => {
  it("quote what was typed in single quotes, and names beyond the old alphabet", () => {
    expect(selectorText("", [{ type: EqlSingle, name: "queue", value: 'say "hi" \\" \\\\' }])).toBe('{queue="say \\"hi\\" \\" \\\\"}');
    expect(selectorText("http.requests", [{ type: Neq, name: "a.b", value: "x" }])).toBe('{__name__="http.requests","a.b"!="x"}');
    expect(selectorText("")).toBe("");
  });

  it("find metrics by words", () => {
    expect(metricsLike("  cpu sec(")).toBe('{__name__=~"(?i).*cpu.*sec\\\\(.*"}');
    expect(metricsLike(" ")).toBe("");
  });

  it("carry any label in an address", () => {
    expect(labelInPath("job")).toBe("job");
    expect(labelInPath("http.status_code")).toBe("U__http_2e_status__code");
  });
});

describe("kept answers", () => {
  it("are bounded and grow old", async () => {
    vi.useFakeTimers();
    const kept = new Kept<number>(1000, 2);
    let asked = 0;
    const ask = () => Promise.resolve(++asked);
    expect([await kept.get("a", ask), await kept.get("a", ask)]).toEqual([1, 1]);
    await kept.get("b", ask);
    await kept.get("c", ask);
    expect(await kept.get("a", ask)).toBe(4);
    vi.advanceTimersByTime(1001);
    expect(await kept.get("a", ask)).toBe(5);
    vi.useRealTimers();
  });
});
