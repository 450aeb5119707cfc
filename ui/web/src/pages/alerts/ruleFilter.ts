import type { Rule, RuleGroup, RuleState } from "../../api/rules";

/** Which rules the reader wants to see. */
export type RuleChoice = "all" | RuleState | "failing";

export const ruleChoices: readonly RuleChoice[] = ["all", "firing", "pending", "inactive", "failing"];

export function readRuleChoice(text: string | null): RuleChoice {
  return ruleChoices.find((choice) => choice === text) ?? "all";
}

function chosen(rule: Rule, choice: RuleChoice): boolean {
  if (choice === "all") return true;
  if (choice === "failing") return rule.health === "err";
  return rule.kind === "alerting" && rule.state === choice;
}

function holds(group: RuleGroup, rule: Rule, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = [group.name, group.file, rule.name, rule.expr, ...Object.entries(rule.labels).flat()].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The groups with the rules that are left, in the server's order; groups without any are left out. */
export function filterRules(groups: readonly RuleGroup[], choice: RuleChoice, search: string): readonly RuleGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => chosen(rule, choice) && holds(group, rule, words)) }))
    .filter((group) => group.rules.length > 0);
}

/** How many rules there are of each choice. */
export function countRules(groups: readonly RuleGroup[]): Readonly<Record<RuleChoice, number>> {
  const rules = groups.flatMap((group) => group.rules);
  const of = (choice: RuleChoice) => rules.filter((rule) => chosen(rule, choice)).length;
  return { all: rules.length, firing: of("firing"), pending: of("pending"), inactive: of("inactive"), failing: of("failing") };
}
