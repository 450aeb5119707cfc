import { Button, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { localClock } from "../time/clock";
import { fixedRange, type TimeRange } from "../time/range";
import { localInput, readLocalInput } from "../time/input";
import css from "./RangePicker.module.css";

export interface FixedRangeFormProps {
  readonly range: TimeRange;
  readonly nowMs: number;
  readonly choose: (range: TimeRange) => void;
}

/** Two moments, in the viewer's zone. */
export function FixedRangeForm({ range, nowMs, choose }: FixedRangeFormProps) {
  const start = range.kind === "fixed" ? range.fromMs : nowMs - range.windowMs;
  const end = range.kind === "fixed" ? range.toMs : nowMs;
  const [from, setFrom] = useState(() => localInput(start));
  const [to, setTo] = useState(() => localInput(end));
  const [error, setError] = useState("");
  const zone = localClock.zone(nowMs);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const fromMs = readLocalInput(from);
    const toMs = readLocalInput(to);
    if (fromMs === null || toMs === null) setError("Both moments are needed.");
    else if (toMs <= fromMs) setError("The end must come after the start.");
    else choose(fixedRange(fromMs, toMs));
  };

  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <TextInput size="xs" type="datetime-local" step={1} label={`From (${zone})`} value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
      <TextInput size="xs" type="datetime-local" step={1} label={`To (${zone})`} value={to} onChange={(event) => setTo(event.currentTarget.value)} />
      {error !== "" && (
        <p className={css.error} role="alert">
          {error}
        </p>
      )}
      <Button type="submit" size="compact-md" classNames={{ label: css.show ?? "" }}>
        Show
      </Button>
    </form>
  );
}
