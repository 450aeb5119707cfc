import { labels, list, moment, number, object, oneOf, optional, text, type Fields, type Reader } from "./read";
import { request } from "./request";
import type { Labels } from "./types";

export type RuleState = "firing" | "pending" | "inactive";
export type RuleHealth = "ok" | "err" | "unknown";

interface RuleBase {
  readonly name: string;
  readonly expr: string;
  readonly labels: Labels;
  readonly health: RuleHealth;
  /** In full; "" when the last evaluation went well. */
  readonly lastError: string;
  readonly evaluationSeconds: number;
  /** 0: not evaluated yet. */
  readonly lastEvaluationMs: number;
}

export interface AlertingRule extends RuleBase {
  readonly kind: "alerting";
  readonly state: RuleState;
  readonly forSeconds: number;
  readonly keepFiringForSeconds: number;
  readonly annotations: Labels;
}

export interface RecordingRule extends RuleBase {
  readonly kind: "recording";
}

export type Rule = AlertingRule | RecordingRule;

export interface RuleGroup {
  readonly name: string;
  /** "builtin:…" for Daymark's own. */
  readonly file: string;
  readonly intervalSeconds: number;
  readonly evaluationSeconds: number;
  readonly lastEvaluationMs: number;
  readonly rules: readonly Rule[];
}

/** One alert of one rule, as the rule holds it. */
export interface RuleAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: "firing" | "pending";
  readonly sinceMs: number;
  /** As Prometheus writes it: "NaN" and "+Inf" are words. */
  readonly value: string;
}

/** A rule that has not been evaluated yet is "unknown" to Prometheus: it holds no alert. */
const ruleState: Reader<RuleState> = (value, path) => {
  const state = oneOf("firing", "pending", "inactive", "unknown")(value, path);
  return state === "unknown" ? "inactive" : state;
};

const rule = object<Rule>((f) => {
  const base = {
    name: f.get("name", text),
    expr: f.get("query", text),
    labels: f.get("labels", labels),
    health: f.get("health", oneOf("ok", "err", "unknown")),
    lastError: f.get("lastError", optional(text, "")),
    evaluationSeconds: f.get("evaluationTime", number),
    lastEvaluationMs: f.get("lastEvaluation", moment),
  };
  if (f.get("type", oneOf("alerting", "recording")) === "recording") return { ...base, kind: "recording" };
  return {
    ...base,
    kind: "alerting",
    state: f.get("state", ruleState),
    forSeconds: f.get("duration", number),
    keepFiringForSeconds: f.get("keepFiringFor", optional(number, 0)),
    annotations: f.get("annotations", labels),
  };
});

const group = object<RuleGroup>((f) => ({
  name: f.get("name", text),
  file: f.get("file", text),
  intervalSeconds: f.get("interval", number),
  evaluationSeconds: f.get("evaluationTime", number),
  lastEvaluationMs: f.get("lastEvaluation", moment),
  rules: f.get("rules", list(rule)),
}));

const alert = object<RuleAlert>((f) => ({
  labels: f.get("labels", labels),
  annotations: f.get("annotations", labels),
  state: f.get("state", oneOf("firing", "pending")),
  sinceMs: f.get("activeAt", moment),
  value: f.get("value", text),
}));

const inData = <T>(inner: (f: Fields) => T) =>
  object<T>((f) => f.get("data", object(inner)));

/** The body of GET /api/v1/rules. */
export const readRules = inData<readonly RuleGroup[]>((f) => f.get("groups", list(group)));

const readRuleAlerts = inData((f) =>
  f.get("groups", list(object((g) => g.get("rules", list(object((r) => ({ expr: r.get("query", text), alerts: r.get("alerts", list(alert)) }))))))),
);

/** GET /api/v1/rules without the alerts: those are asked for rule by rule. */
export async function fetchRules(signal?: AbortSignal): Promise<readonly RuleGroup[]> {
  return readRules(await request("api/v1/rules?exclude_alerts=true", signal ? { signal } : {}), "");
}

/** The alerts that one rule holds now. Rules of one name and expression in one group share them. */
export async function fetchRuleAlerts(file: string, groupName: string, one: { name: string; expr: string }, signal?: AbortSignal): Promise<readonly RuleAlert[]> {
  const params = new URLSearchParams({ type: "alert", "file[]": file, "rule_group[]": groupName, "rule_name[]": one.name });
  const found = readRuleAlerts(await request(`api/v1/rules?${params.toString()}`, signal ? { signal } : {}), "");
  return found.flat().find(({ expr }) => expr === one.expr)?.alerts ?? [];
}
