import { printMatchers, type Matcher } from "../matchers/matcher";
import { rangeParams, type TimeRange } from "../time/range";

function withQuery(path: string, params: URLSearchParams): string {
  const query = params.toString();
  return query === "" ? path : `${path}?${query}`;
}

function addRange(params: URLSearchParams, range: TimeRange | undefined): void {
  if (range === undefined) return;
  const { from, to } = rangeParams(range);
  params.set("from", from);
  params.set("to", to);
}

/** Explore with these expressions, each in a row of its own; range: the time it shows. */
export function exploreHref(exprs: readonly string[], range?: TimeRange, tab?: "graph" | "table"): string {
  const params = new URLSearchParams();
  for (const expr of exprs) params.append("expr", expr);
  if (tab === "table") params.set("tab", tab);
  addRange(params, range);
  return withQuery("/explore", params);
}

/** The alert with this fingerprint on the Alerts page. */
export function alertHref(fingerprint: string): string {
  return withQuery("/alerts", new URLSearchParams({ alert: fingerprint }));
}

/** The alerts that all of matchers select; receiver: of those, the ones it is told of. */
export function alertsHref(matchers: readonly Matcher[], receiver?: string): string {
  const params = new URLSearchParams();
  if (matchers.length > 0) params.set("filter", printMatchers(matchers));
  if (receiver !== undefined && receiver !== "") params.set("receiver", receiver);
  return withQuery("/alerts", params);
}

/** A new silence that begins with these matchers. */
export function silenceHref(matchers: readonly Matcher[]): string {
  return withQuery("/alerts/silences/new", new URLSearchParams(matchers.length === 0 ? {} : { filter: printMatchers(matchers) }));
}

/** A dashboard. */
export function dashboardHref(uid: string, range?: TimeRange): string {
  const params = new URLSearchParams();
  addRange(params, range);
  return withQuery(`/d/${encodeURIComponent(uid)}`, params);
}

/** The targets of a job; without one, all of them. search: of those, the ones in which these words stand. */
export function targetHref(job?: string, search?: string): string {
  const params = new URLSearchParams();
  if (job !== undefined && job !== "") params.set("job", job);
  if (search !== undefined && search !== "") params.set("search", search);
  return withQuery("/targets", params);
}

/** path with the time range that search names, so that a change of page keeps the time. */
export function keepRange(path: string, search: string): string {
  const before = new URLSearchParams(search);
  const [place = path, query = ""] = path.split("?", 2);
  const params = new URLSearchParams(query);
  for (const name of ["from", "to"]) {
    const value = before.get(name);
    if (value !== null && !params.has(name)) params.set(name, value);
  }
  return withQuery(place, params);
}
