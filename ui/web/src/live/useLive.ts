import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { Exporters } from "../api/exporters";
import type { Alerts, Status, Targets, TopicName } from "../api/types";
import { useLiveClient } from "./LiveContext";
import type { Connection, Outdated } from "./socket";

/** Where the connection stands. */
export function useConnection(): Connection {
  const live = useLiveClient();
  return useSyncExternalStore((changed) => live.listen(changed), live.getConnection);
}

/** Why this tab should be loaded anew, or null. */
export function useOutdated(): Outdated | null {
  const live = useLiveClient();
  return useSyncExternalStore((changed) => live.listen(changed), live.getOutdated);
}

/** The newest commit that fed anything this tab watches, on the server's clock; 0 before the first. */
export function useNewestFed(): number {
  const live = useLiveClient();
  return useSyncExternalStore((changed) => live.listen(changed), live.getNewestFed);
}

/** The server's clock, to the second; it goes on between messages and while there are none. */
export function useServerNow(): number {
  const live = useLiveClient();
  const subscribe = useCallback(
    (changed: () => void) => {
      const stop = live.listen(changed);
      const still = live.tick(changed);
      return () => {
        stop();
        still();
      };
    },
    [live],
  );
  return useSyncExternalStore(subscribe, () => Math.floor(live.clock.now() / 250) * 250);
}

/** The server's own state; null until it has been heard. */
export function useStatus(): Status | null {
  const topic = useTopic("status");
  return topic?.topic === "status" ? topic.body : null;
}

/** What is firing and pending; null until it has been heard. */
export function useAlerts(): Alerts | null {
  const topic = useTopic("alerts");
  return topic?.topic === "alerts" ? topic.body : null;
}

/** The targets and their health; null until they have been heard. */
export function useTargets(): Targets | null {
  const topic = useTopic("targets");
  return topic?.topic === "targets" ? topic.body : null;
}

/** The exporters found on this machine; null until they have been heard. */
export function useExporters(): Exporters | null {
  const topic = useTopic("exporters");
  return topic?.topic === "exporters" ? topic.body : null;
}

function useTopic(name: TopicName) {
  const live = useLiveClient();
  return useSyncExternalStore(
    (changed) => live.listen(changed),
    () => live.getTopic(name),
  );
}

/**
 * Offers "reload" when a part of the page can no longer be loaded: the server has another build. While the server does
 * not answer at all, nothing is known of its build.
 */
export function useMissingChunks(): void {
  const live = useLiveClient();
  useEffect(() => {
    const missing = () => {
      if (live.getConnection().status !== "lost") live.setOutdated("chunk");
    };
    window.addEventListener("vite:preloadError", missing);
    return () => window.removeEventListener("vite:preloadError", missing);
  }, [live]);
}
