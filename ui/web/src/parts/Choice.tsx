import { formatCount } from "../units/format";
import css from "./Choice.module.css";

export interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
  /** How many there are of it. */
  readonly count?: number | undefined;
}

export interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly Option<T>[];
  readonly value: T;
  readonly choose: (value: T) => void;
}

/** One of a few, all in sight, with how many there are of each. */
export function Choice<T extends string>({ label, options, value, choose }: ChoiceProps<T>) {
  return (
    <div className={css.group} role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" className={css.option} aria-pressed={option.value === value} onClick={() => choose(option.value)}>
          {option.label}
          {option.count !== undefined && (
            <>
              {" "}
              <span className={css.count}>{formatCount(option.count)}</span>
            </>
          )}
        </button>
      ))}
    </div>
  );
}
