import { localClock } from "../time/clock";
import { ago } from "../time/duration";

/** A moment, absolute and relative: "05:31 CEST · 16 min ago". Both on the server's clock. */
export function Moment({ ms, nowMs }: { ms: number; nowMs: number }) {
  return (
    <time dateTime={new Date(ms).toISOString()} title={localClock.full(ms)}>
      {localClock.short(ms, nowMs)} {localClock.zone(ms)} · {ago(nowMs - ms)}
    </time>
  );
}
