import { useSyncExternalStore } from "react";
import { useLiveClient } from "../../live/LiveContext";

/** The server's clock, to the minute: enough to know what day it is, without drawing anew each second. */
export function useMinute(): number {
  const live = useLiveClient();
  return useSyncExternalStore(
    (changed) => live.listen(changed),
    () => Math.floor(live.clock.now() / 60_000) * 60_000,
  );
}
