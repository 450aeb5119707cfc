import { createContext, useContext } from "react";
import type { LiveClient } from "./socket";

const LiveContext = createContext<LiveClient | null>(null);

/** Hands the tab's connection to everything below it. */
export const LiveProvider = LiveContext.Provider;

/** The tab's connection. */
export function useLiveClient(): LiveClient {
  const live = useContext(LiveContext);
  if (live === null) throw new Error("useLiveClient outside of LiveProvider");
  return live;
}
