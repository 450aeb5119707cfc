/** Reads and writes moments in one zone; the viewer's own unless a test names another. */
export interface Clock {
  /** "05:47:12", with the date before it where it is not today's. */
  exact(ms: number, nowMs: number): string;
  /** "05:31", with the date before it where it is not today's. */
  short(ms: number, nowMs: number): string;
  /** The zone's short name at that moment: "CEST", "UTC", "GMT+5:30". */
  zone(ms: number): string;
  /** Day, date and seconds, for titles: "Mon, 12 Oct 2026, 05:31:04 CEST". */
  full(ms: number): string;
}

/** A clock for zone, in 24 h and day before month, whatever the browser's language: it is read at 3 a.m. */
export function clockIn(zone?: string): Clock {
  const timeZone = zone === undefined ? {} : { timeZone: zone };
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", { ...options, ...timeZone, hourCycle: "h23" });
  const seconds = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const minutes = format({ hour: "2-digit", minute: "2-digit" });
  const date = format({ day: "numeric", month: "short" });
  const dateYear = format({ day: "numeric", month: "short", year: "numeric" });
  const whole = format({
    weekday: "short", day: "numeric", month: "short", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  const zoneName = format({ timeZoneName: "short" });

  const zoneAt = (ms: number) =>
    zoneName.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? "UTC";
  const dated = (ms: number, nowMs: number, time: string) => {
    const day = dateYear.format(ms);
    const today = dateYear.format(nowMs);
    if (day === today) return time;
    return day.slice(-4) === today.slice(-4) ? `${date.format(ms)} ${time}` : `${day} ${time}`;
  };

  return {
    exact: (ms, nowMs) => dated(ms, nowMs, seconds.format(ms)),
    short: (ms, nowMs) => dated(ms, nowMs, minutes.format(ms)),
    zone: zoneAt,
    full: (ms) => `${whole.format(ms)} ${zoneAt(ms)}`,
  };
}

/** The viewer's clock. */
export const localClock: Clock = clockIn();
