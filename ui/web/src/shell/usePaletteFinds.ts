import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import type { DashboardSummary } from "../api/dashboards";
import { failureWords } from "../api/request";
import { fetchLabelValues, metricsLike } from "../api/vocabulary";

/** How long a pause in typing is before the server is asked. */
const pauseMs = 150;
/** Names come by the alphabet: with fewer of them the very metric that was typed could be missing. */
const mostMetrics = 1000;

const none: readonly never[] = [];

/** What the palette has from the server. */
export interface PaletteFinds {
  readonly metrics: readonly string[];
  readonly dashboards: readonly DashboardSummary[];
  /** More may come in a moment. */
  readonly asking: boolean;
  /** What could not be asked for, in a sentence; everything else is found all the same. */
  readonly failure: string | null;
}

/** What the server knows by the words of query, asked while the palette is open: metrics, and all dashboards. */
export function usePaletteFinds(open: boolean, query: string): PaletteFinds {
  const words = query.trim();
  const [settled] = useDebouncedValue(words, pauseMs);
  const long = settled.length >= 2;
  const metrics = useQuery({
    queryKey: ["palette", "metrics", settled],
    queryFn: ({ signal }) => fetchLabelValues("__name__", metricsLike(settled), signal, mostMetrics),
    enabled: open && long,
    retry: false,
    // What was found stays while more is typed: the list does not flicker.
    placeholderData: (before) => before,
  });
  const dashboards = useQuery({
    queryKey: ["palette", "dashboards"],
    queryFn: ({ signal }) => import("../api/dashboards").then((api) => api.fetchDashboards(signal)),
    enabled: open,
    retry: false,
  });
  const failed = [...(long && metrics.isError ? ["Metrics"] : []), ...(dashboards.isError ? ["dashboards"] : [])];
  return {
    metrics: long ? (metrics.data ?? none) : none,
    dashboards: dashboards.data ?? none,
    asking: words.length >= 2 && (words !== settled || metrics.isFetching),
    failure: open && failed.length > 0 ? missing(failed, metrics.error ?? dashboards.error) : null,
  };
}

function missing(what: readonly string[], reason: unknown): string {
  const names = what.join(" and ");
  return `${names.charAt(0).toUpperCase()}${names.slice(1)} are not among these: ${failureWords(reason)}.`;
}
