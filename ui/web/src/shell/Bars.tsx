import { useConnection, useOutdated, useServerNow, useStatus } from "../live/useLive";
import { localClock } from "../time/clock";
import { Bar } from "./Bar";

const outdatedWords = {
  build: "A newer Daymark is running.",
  protocol: "A newer Daymark is running, and speaks another language.",
  chunk: "A part of this page could not be loaded: a newer Daymark is running.",
} as const;

/** What every page says above itself, if anything: quiet, one line each. */
export function Bars() {
  const connection = useConnection();
  const outdated = useOutdated();
  const status = useStatus();
  const nowMs = useServerNow();
  return (
    <>
      {outdated !== null && (
        <Bar tone="info" action={{ label: "Reload", run: () => location.reload() }}>
          {outdatedWords[outdated]} Reload to get its pages.
        </Bar>
      )}
      {connection.status === "lost" && (
        <Bar tone="warning">
          {connection.untilMs === 0
            ? "Daymark does not answer. Trying again."
            : `Reconnecting, showing data until ${localClock.exact(connection.untilMs, nowMs)}`}
        </Bar>
      )}
      {status?.unauthenticated === true && (
        <Bar tone="warning">Everybody who can reach this address can see and change everything: there is no login.</Bar>
      )}
    </>
  );
}
