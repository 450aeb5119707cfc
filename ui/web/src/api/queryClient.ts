import { QueryClient } from "@tanstack/react-query";
import { RequestError } from "./client";

/**
 * What was asked of the server by request. Whatever changes by itself comes over the websocket; the rest is asked for
 * again when it is older than a few seconds and somebody looks at it anew. Only what went unanswered is tried again:
 * an answer that is an error stays one.
 */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5000,
        retry: (failures, reason) => failures < 3 && !(reason instanceof RequestError && reason.query.kind !== "unavailable"),
        // The server may be on this very machine: what the browser thinks of the network says nothing.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
