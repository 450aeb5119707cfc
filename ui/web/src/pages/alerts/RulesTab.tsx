import { TextInput } from "@mantine/core";
import { useMemo } from "react";
import { fetchRules } from "../../api/rules";
import { failureWords } from "../../api/request";
import { usePolled } from "../../api/usePolled";
import { useStatus } from "../../live/useLive";
import actions from "../../parts/actions.module.css";
import { Choice } from "../../parts/Choice";
import { CodeLines } from "../../parts/CodeLines";
import { Empty } from "../../parts/Empty";
import { ErrorText } from "../../parts/ErrorText";
import { Stepped } from "../../parts/Stepped";
import { useAddress } from "../../url/useAddress";
import css from "./AlertsPage.module.css";
import { PacksCard } from "./PacksCard";
import { countRules, filterRules, readRuleChoice, ruleChoices } from "./ruleFilter";
import { RuleGroupCard } from "./RuleGroupCard";
import { useRefetchOnAlerts } from "./useRefetch";

const step = 50;
const words = { all: "All", firing: "Firing", pending: "Pending", inactive: "Inactive", failing: "Failing" } as const;

const lines = `rule_files:
  - rules/*.yml`;

/** Every rule with its state and its last evaluation, and the packs that Daymark brings along. */
export function RulesTab() {
  const [params, change] = useAddress();
  const rules = usePolled(["rules"], fetchRules);
  useRefetchOnAlerts("rules");
  const status = useStatus();
  const choice = readRuleChoice(params.get("state"));
  const search = params.get("search") ?? "";
  const groups = useMemo(() => filterRules(rules.data ?? [], choice, search), [rules.data, choice, search]);
  const counts = useMemo(() => countRules(rules.data ?? []), [rules.data]);
  return (
    <div className={css.tab}>
      <PacksCard />
      <div className={css.tools}>
        <TextInput
          className={css.filter ?? ""}
          label="Search"
          placeholder="Name, expression, label or file"
          value={search}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => change({ search: event.currentTarget.value })}
        />
        <div className={css.choice}>
          <Choice
            label="State"
            options={ruleChoices.map((value) => ({ value, label: words[value], count: rules.data === undefined ? undefined : counts[value] }))}
            value={choice}
            choose={(value) => change({ state: value === "all" ? null : value })}
          />
        </div>
      </div>
      {rules.isPending && <div className={css.skeleton} role="status" aria-label="Loading" />}
      {rules.isError && rules.data === undefined && (
        <Empty tone="warning" title="The rules could not be read.">
          <ErrorText of="the rules" text={failureWords(rules.error)} />
        </Empty>
      )}
      {rules.data?.length === 0 && (
        <Empty tone="info" title="No rules yet.">
          <p>Name files with rules in {status?.configFile === "" || status === null ? "a configuration file" : <code>{status.configFile}</code>}, and reload:</p>
          <CodeLines label="The lines that name rule files" text={lines} />
        </Empty>
      )}
      {rules.data !== undefined && rules.data.length > 0 && groups.length === 0 && (
        <Empty tone="none" title="No rule matches.">
          <p>
            <button type="button" className={actions.text} onClick={() => change({ search: null, state: null })}>
              Show all {counts.all}
            </button>
          </p>
        </Empty>
      )}
      {groups.length > 0 && (
        <div className={css.groups}>
          <Stepped label="Rule groups" step={step} items={groups.map((group) => <RuleGroupCard key={`${group.file} ${group.name}`} group={group} />)} />
        </div>
      )}
    </div>
  );
}
