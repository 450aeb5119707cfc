import { useQuery, type UseQueryResult } from "@tanstack/react-query";

/** How often what does not come by itself is asked for again while the page is in sight. */
const everyMs = 5000;

/** What fetch gives, asked for again every few seconds; the last answer stays while the next one fails. */
export function usePolled<T>(key: readonly unknown[], fetch: (signal: AbortSignal) => Promise<T>, enabled = true): UseQueryResult<T> {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => fetch(signal),
    refetchInterval: everyMs,
    retry: false,
    networkMode: "always",
    enabled,
  });
}
