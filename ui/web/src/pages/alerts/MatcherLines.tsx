import { NativeSelect, TextInput } from "@mantine/core";
import type { ClipboardEvent } from "react";
import { matchOps, type MatchOp } from "../../matchers/matcher";
import { parseMatchers } from "../../matchers/parse";
import actions from "../../parts/actions.module.css";
import type { MatcherLine } from "./silenceDraft";
import css from "./SilenceForm.module.css";

export interface MatcherLinesProps {
  readonly lines: readonly MatcherLine[];
  readonly problems: Readonly<Record<number, string>>;
  readonly problem: string | undefined;
  readonly change: (lines: readonly MatcherLine[]) => void;
}

const opWords: Readonly<Record<MatchOp, string>> = { "=": "= is", "!=": "!= is not", "=~": "=~ matches", "!~": "!~ does not match" };

/** The matchers of a silence, a line each; pasted matchers become lines of their own. */
export function MatcherLines({ lines, problems, problem, change }: MatcherLinesProps) {
  const set = (key: number, over: Partial<MatcherLine>) => change(lines.map((line) => (line.key === key ? { ...line, ...over } : line)));
  const nextKey = Math.max(-1, ...lines.map(({ key }) => key)) + 1;
  const paste = (event: ClipboardEvent, line: MatcherLine) => {
    const text = event.clipboardData.getData("text");
    const parsed = /[=~]/.test(text) ? parseMatchers(text) : null;
    if (parsed?.ok !== true || parsed.matchers.length === 0) return;
    event.preventDefault();
    change(lines.flatMap((one) => (one.key === line.key ? parsed.matchers.map((matcher, i) => ({ ...matcher, key: nextKey + i })) : [one])));
  };
  return (
    <fieldset className={css.matchers}>
      <legend className={css.legend}>Mute alerts where all of these hold</legend>
      {lines.map((line, i) => (
        <div key={line.key} className={css.line} role="group" aria-label={`Matcher ${i + 1}`}>
          <TextInput
            aria-label="Label"
            placeholder="label"
            value={line.name}
            error={problems[line.key]}
            spellCheck={false}
            autoComplete="off"
            onPaste={(event) => paste(event, line)}
            onChange={(event) => set(line.key, { name: event.currentTarget.value })}
          />
          <NativeSelect
            aria-label="Operator"
            value={line.op}
            data={matchOps.map((op) => ({ value: op, label: opWords[op] }))}
            onChange={(event) => {
              const op = matchOps.find((one) => one === event.currentTarget.value);
              if (op !== undefined) set(line.key, { op });
            }}
          />
          <TextInput
            aria-label="Value"
            placeholder={line.op === "=~" || line.op === "!~" ? "regular expression for the whole value" : "value"}
            value={line.value}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => set(line.key, { value: event.currentTarget.value })}
          />
          <button type="button" className={actions.button} aria-label={`Remove matcher ${i + 1}`} onClick={() => change(lines.filter(({ key }) => key !== line.key))}>
            Remove
          </button>
        </div>
      ))}
      {problem !== undefined && (
        <p className={css.problem} role="alert">
          {problem}
        </p>
      )}
      <button type="button" className={actions.text} onClick={() => change([...lines, { key: nextKey, name: "", op: "=", value: "" }])}>
        Add a matcher
      </button>
    </fieldset>
  );
}
