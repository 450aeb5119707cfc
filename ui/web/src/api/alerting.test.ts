import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeServer } from "../testing/fakeServer";
import { golden } from "../testing/golden";
import { readDropped } from "./dropped";
import { readExporters } from "./exporters";
import { readPacks } from "./packs";
import { readReceivers, readTestResults } from "./receivers";
import { request } from "./request";
import { fetchRuleAlerts, readRules } from "./rules";
import { fetchMatched, fetchMutedCounts, readSilence, silenceBody } from "./silences";

// Where the page lies.
beforeEach(() => void vi.stubGlobal("document", { baseURI: "http://daymark.test/" }));

const at = "2026-11-23T11:08:02.48414469Z";
const rule = { name: "Slow", query: "vector(42) > 10", labels: { severity: "critical" }, health: "ok", evaluationTime: 0.0004, lastEvaluation: at };
const alerting = { ...rule, state: "firing", duration: 60, keepFiringFor: 600, annotations: { summary: "s" }, alerts: null, type: "alerting" };

describe("rules", () => {
  it("reads what Prometheus's API gives", () => {
    const broken = { ...rule, name: "broken", health: "err", lastError: "many-to-many matching not allowed", type: "recording" };
    const body = { status: "success", data: { groups: [{ name: "shop", file: "rules.yml", rules: [alerting, broken], interval: 2, limit: 0, evaluationTime: 0.0013, lastEvaluation: at }] } };
    expect(readRules(body, "")).toEqual([
      {
        name: "shop", file: "rules.yml", intervalSeconds: 2, evaluationSeconds: 0.0013, lastEvaluationMs: Date.UTC(2026, 10, 23, 11, 8, 2, 484),
        rules: [
          {
            kind: "alerting", name: "Slow", expr: "vector(42) > 10", labels: { severity: "critical" }, health: "ok", lastError: "", evaluationSeconds: 0.0004,
            lastEvaluationMs: Date.UTC(2026, 10, 23, 11, 8, 2, 484), state: "firing", forSeconds: 60, keepFiringForSeconds: 600, annotations: { summary: "s" },
          },
          expect.objectContaining({ kind: "recording", health: "err", lastError: "many-to-many matching not allowed" }),
        ],
      },
    ]);
  });

  it("takes a rule that was never evaluated as holding no alert, at no time", () => {
    const fresh = { ...alerting, state: "unknown", health: "unknown", lastEvaluation: "0001-01-01T00:00:00Z" };
    const body = { data: { groups: [{ name: "g", file: "f", rules: [fresh], interval: 2, evaluationTime: 0, lastEvaluation: "0001-01-01T00:00:00Z" }] } };
    expect(readRules(body, "")[0]!.rules[0]).toMatchObject({ state: "inactive", health: "unknown", lastEvaluationMs: 0 });
  });

  it("finds the alerts of one of two rules with the same name", async () => {
    const server = new FakeServer();
    const one = (value: string) => ({ labels: { alertname: "Slow" }, annotations: {}, state: "firing", activeAt: at, value });
    server.on("GET api/v1/rules", { data: { groups: [{ rules: [{ query: "a", alerts: [one("1")] }, { query: "b", alerts: [one("2")] }] }] } });
    expect((await fetchRuleAlerts("f.yml", "g 1", { name: "Slow", expr: "b" })).map(({ value }) => value)).toEqual(["2"]);
    expect(server.asked[0]!.path).toBe("api/v1/rules?type=alert&file%5B%5D=f.yml&rule_group%5B%5D=g+1&rule_name%5B%5D=Slow");
  });
});

describe("silences", () => {
  const wire = (isEqual: boolean | undefined, isRegex: boolean) => ({ name: "a", value: "b", isEqual, isRegex });
  const entry = { id: "s1", status: { state: "active" }, updatedAt: at, comment: "c", createdBy: "anna", endsAt: at, startsAt: at };

  it("reads each kind of matcher, and one from before there was isEqual", () => {
    const silence = readSilence({ ...entry, matchers: [wire(true, false), wire(false, false), wire(true, true), wire(false, true), wire(undefined, true)] }, "");
    expect(silence.matchers.map(({ op }) => op)).toEqual(["=", "!=", "=~", "!~", "=~"]);
  });

  it("writes what Alertmanager takes", () => {
    const wish = { matchers: [{ name: "a b", op: "!~" as const, value: "x" }], createdBy: "anna", comment: "c", startsMs: 0, endsMs: 3_600_000 };
    expect(silenceBody({ id: "s1", ...wish })).toEqual({
      id: "s1", matchers: [{ name: "a b", value: "x", isRegex: true, isEqual: false }],
      startsAt: "1970-01-01T00:00:00.000Z", endsAt: "1970-01-01T01:00:00.000Z", createdBy: "anna", comment: "c",
    });
    expect(silenceBody(wish)).not.toHaveProperty("id");
  });

  it("asks what matchers select one by one, and counts what each silence mutes", async () => {
    const server = new FakeServer();
    const alert = (fingerprint: string, silencedBy: string[]) => ({
      fingerprint, labels: { alertname: "x" }, annotations: {}, startsAt: at, receivers: [{ name: "pager" }],
      status: { state: "suppressed", silencedBy, inhibitedBy: [], mutedBy: [] },
    });
    server.on("GET api/v2/alerts", [alert("1", ["s1", "s2"]), alert("2", ["s1"])]);
    await fetchMatched([{ name: "a b", op: "=", value: 'c"' }, { name: "d", op: "=~", value: "e" }]);
    expect(new URLSearchParams(server.asked[0]!.path.split("?")[1]).getAll("filter")).toEqual(['"a b"="c\\""', 'd=~"e"']);
    expect(await fetchMutedCounts()).toEqual(new Map([["s1", 2], ["s2", 1]]));
  });
});

describe("receivers", () => {
  it("reads who can be told, and by what", () => {
    const { builtIn, configFile, receivers } = readReceivers(JSON.parse(golden("receivers")), "");
    expect([builtIn, configFile]).toEqual([false, "alertmanager.yml"]);
    expect(receivers[0]).toMatchObject({ name: "pager", routes: 1 });
    expect(receivers[0]!.integrations[0]).toEqual({ name: "pagerduty", index: 0, sendResolved: true, target: "events.pagerduty.com" });
  });

  it("reads what became of a test", () => {
    const [failed, sent] = readTestResults(JSON.parse(golden("receiver-test")), "");
    expect(failed).toMatchObject({ ok: false, status: 400, answer: '{"status":"invalid event"}', durationMs: 212.5 });
    expect(sent).toMatchObject({ ok: true, status: 200, answer: "<script>alert(1)</script>", error: "" });
  });
});

describe("packs", () => {
  it("reads each with its state and what it waits for", () => {
    const { asked, packs } = readPacks(JSON.parse(golden("packs")), "");
    expect([asked, ...packs.map(({ name, state, enabled }) => [name, state, enabled])]).toEqual([
      true, ["machine", "on", true], ["payments", "waiting", true], ["http", "off", false],
    ]);
    expect(packs[1]).toMatchObject({ needs: ["payment_duration_seconds_bucket"], found: [], file: "builtin:payments.yml" });
  });
});

describe("exporters", () => {
  it("reads what was found, and why it is not scraped", () => {
    const { probing, intervalMs, found } = readExporters(JSON.parse(golden("exporters")), "");
    expect([probing, intervalMs]).toEqual([true, 30_000]);
    expect(found.map(({ kind, state }) => [kind, state])).toEqual([["mysqld", "scraped"], ["node", "covered"], ["redis", "ignored"]]);
    expect(found[1]!.reason).toContain("already scraped");
  });
});

describe("dropped targets", () => {
  it("reads by which rule, or why else", () => {
    const { dropped, listed, targets } = readDropped(JSON.parse(golden("targets-dropped")), "");
    expect([dropped, listed]).toEqual([12, 2]);
    expect(targets.map(({ rule, action, reason }) => [rule, action, reason])).toEqual([
      [3, "drop", ""], [0, "", "no address is left after relabelling"],
    ]);
  });
});

describe("what the server says of a failure", () => {
  let server: FakeServer;
  beforeEach(() => {
    server = new FakeServer();
  });
  it.each([
    ["Alertmanager's text", 400, '"invalid silence: at least one matcher"\n', "invalid silence: at least one matcher"],
    ["Alertmanager's validation", 422, '{"code":612,"message":"matchers in body should have at least 1 items"}', "matchers in body should have at least 1 items"],
    ["Daymark's own", 429, '{"status":"error","errorType":"too_many","error":"a test is under way"}', "a test is under way"],
    ["a proxy's page", 502, "Bad Gateway\n", "Bad Gateway"],
    ["nothing", 500, "", "the server answered 500"],
  ])("is told in %s words", async (_, status, text, message) => {
    server.on("GET x", () => ({ status, text }));
    await expect(request("x")).rejects.toThrow(message);
  });
  it("is told when nobody answers", async () => {
    await expect(request("y")).rejects.toThrow("Daymark did not answer");
  });
});
