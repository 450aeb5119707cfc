import { useServerNow } from "../live/useLive";
import { Moment } from "../parts/Moment";
import { localClock } from "../time/clock";
import { ago, spokenDuration } from "../time/duration";

/** A moment, absolute and relative, that counts by itself: what is around it need not be drawn each second. */
export function LiveMoment({ ms }: { ms: number }) {
  return <Moment ms={ms} nowMs={useServerNow()} />;
}

/** How long ago, counting by itself; the moment is in the title. */
export function LiveAgo({ ms }: { ms: number }) {
  const nowMs = useServerNow();
  return (
    <time dateTime={new Date(ms).toISOString()} title={localClock.full(ms)}>
      {ago(nowMs - ms)}
    </time>
  );
}

/** A moment to come: "13:30 CET · in 2 h". */
export function LiveUntil({ ms }: { ms: number }) {
  const nowMs = useServerNow();
  return (
    <time dateTime={new Date(ms).toISOString()} title={localClock.full(ms)}>
      {localClock.short(ms, nowMs)} {localClock.zone(ms)} · {ms > nowMs ? `in ${spokenDuration(ms - nowMs)}` : ago(nowMs - ms)}
    </time>
  );
}
