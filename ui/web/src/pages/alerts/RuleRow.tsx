import { useId, useState } from "react";
import { Link } from "wouter";
import type { Rule } from "../../api/rules";
import { ErrorText } from "../../parts/ErrorText";
import { ChevronIcon } from "../../parts/icons";
import { SeverityGlyph, type Tone } from "../../parts/SeverityGlyph";
import { formatValue } from "../../units/format";
import { exploreHref } from "../../url/links";
import { RuleDetails } from "./RuleDetails";
import css from "./RuleRow.module.css";
import { severityOf } from "./severity";

function stateOf(rule: Rule): { tone: Tone; word: string } {
  if (rule.health === "err") return { tone: "critical", word: rule.kind === "alerting" ? `failing, ${rule.state}` : "failing" };
  if (rule.kind === "recording") return { tone: "none", word: "records" };
  switch (rule.state) {
    case "firing": {
      const severity = severityOf(rule.labels);
      return { tone: severity === "none" ? "warning" : severity, word: "firing" };
    }
    case "pending":
      return { tone: "none", word: "pending" };
    case "inactive":
      return { tone: "healthy", word: rule.lastEvaluationMs === 0 ? "not evaluated yet" : "inactive" };
    default:
      return rule.state satisfies never;
  }
}

/** One rule in a line, all of it when opened; a failing one says why at once. */
export function RuleRow({ file, group, rule }: { file: string; group: string; rule: Rule }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const { tone, word } = stateOf(rule);
  return (
    <li className={css.row}>
      <SeverityGlyph tone={tone} size={12} />
      <div className={css.body}>
        <p className={css.head}>
          <button type="button" className={css.name} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            <span className={css.text} title={rule.name}>
              {rule.name}
            </span>
            <span className={css.chevron} data-open={open}>
              <ChevronIcon />
            </span>
          </button>
          <span className={css.state}>{word}</span>
          <span className={css.time}>{rule.lastEvaluationMs > 0 && formatValue(rule.evaluationSeconds, "seconds")}</span>
        </p>
        {!open && (
          <p className={css.line}>
            <Link className={css.expr ?? ""} href={exploreHref([rule.expr])} title={rule.expr} aria-label={`Explore ${rule.name}: ${rule.expr}`}>
              {rule.expr}
            </Link>
          </p>
        )}
        {rule.lastError !== "" && <ErrorText text={rule.lastError} of={rule.name} />}
        <div id={id} hidden={!open}>
          {open && <RuleDetails file={file} group={group} rule={rule} />}
        </div>
      </div>
    </li>
  );
}
