import { Button, Popover } from "@mantine/core";
import { ChevronIcon } from "../parts/icons";
import { localClock } from "../time/clock";
import { spokenDuration } from "../time/duration";
import { presets, type TimeRange } from "../time/range";
import { useServerNow } from "../live/useLive";
import { FixedRangeForm } from "./FixedRangeForm";
import css from "./RangePicker.module.css";

export interface RangePickerProps {
  readonly range: TimeRange;
  readonly setRange: (range: TimeRange) => void;
  readonly open: boolean;
  readonly setOpen: (open: boolean) => void;
}

function words(range: TimeRange, nowMs: number): string {
  if (range.kind === "live") {
    return presets.find(({ windowMs }) => windowMs === range.windowMs)?.label ?? `last ${spokenDuration(range.windowMs)}`;
  }
  return `${localClock.exact(range.fromMs, nowMs)} – ${localClock.exact(range.toMs, range.fromMs)}`;
}

/** Which time the page shows: a window that moves, or two moments. */
export function RangePicker({ range, setRange, open, setOpen }: RangePickerProps) {
  const nowMs = useServerNow();
  const choose = (next: TimeRange) => {
    setOpen(false);
    setRange(next);
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus transitionProps={{ duration: 0 }}>
      <Popover.Target>
        <Button
          variant="default"
          size="compact-md"
          className={css.target ?? ""}
          rightSection={<ChevronIcon />}
          aria-keyshortcuts="t"
          aria-label={`Time range: ${words(range, nowMs)}`}
          onClick={() => setOpen(!open)}
        >
          {words(range, nowMs)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Time range">
        <div className={css.body}>
          <ul className={css.presets}>
            {presets.map(({ windowMs, label }) => (
              <li key={windowMs}>
                <button
                  type="button"
                  className={css.preset}
                  aria-pressed={range.kind === "live" && range.windowMs === windowMs}
                  onClick={() => choose({ kind: "live", windowMs })}
                >
                  {label}
                </button>
              </li>
            ))}
          </ul>
          <FixedRangeForm range={range} nowMs={nowMs} choose={choose} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
