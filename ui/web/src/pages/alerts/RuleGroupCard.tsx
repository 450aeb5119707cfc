import { memo } from "react";
import type { RuleGroup } from "../../api/rules";
import { Card } from "../../parts/Card";
import { Stepped } from "../../parts/Stepped";
import { formatValue } from "../../units/format";
import { LiveAgo } from "../LiveMoment";
import css from "./RuleRow.module.css";
import { RuleRow } from "./RuleRow";

const step = 50;

function fileWords(file: string): string {
  return file.startsWith("builtin:") ? `built-in pack ${file.slice("builtin:".length).replace(/\.ya?ml$/, "")}` : file;
}

/** One group: where it is written, how often it is evaluated, and its rules. */
export const RuleGroupCard = memo(function RuleGroupCard({ group }: { group: RuleGroup }) {
  const { name, file, intervalSeconds, evaluationSeconds, lastEvaluationMs, rules } = group;
  return (
    <li className={css.group}>
      <Card
        title={name}
        aside={
          <>
            every {formatValue(intervalSeconds, "seconds")}
            {lastEvaluationMs > 0 ? (
              <>
                {" "}
                · evaluated <LiveAgo ms={lastEvaluationMs} /> in {formatValue(evaluationSeconds, "seconds")}
              </>
            ) : (
              " · not evaluated yet"
            )}
          </>
        }
      >
        <p className={css.file} title={file}>
          {fileWords(file)}
        </p>
        <Stepped
          label={`Rules of ${name}`}
          step={step}
          items={rules.map((rule, i) => (
            <RuleRow key={`${rule.name} ${i}`} file={file} group={name} rule={rule} />
          ))}
        />
      </Card>
    </li>
  );
});
