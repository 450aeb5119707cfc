import { parseDuration } from "../time/duration";
import { fixedRange, type TimeRange } from "../time/range";
import { exploreHref } from "./links";

/** Where the browser stands, below the place where Daymark is served. */
export interface Address {
  /** "/graph" */
  readonly path: string;
  /** With or without its "?". */
  readonly search: string;
  /** With or without its "#". */
  readonly hash: string;
}

/**
 * Where an address that Prometheus or Alertmanager made lies in Daymark; null where it is none of theirs, or means
 * the same here already. Generator links of alerts, the links in notifications, bookmarks of both programs' pages.
 */
export function foreignHref({ path, search, hash }: Address): string | null {
  const route = hash.replace(/^#/, "");
  if (route.startsWith("/")) return alertmanagerHref(route);
  // Prometheus 2 kept its pages below these for a while.
  const place = path.replace(/^\/(classic|new)(?=\/)/, "").replace(/(.)\/+$/, "$1");
  const params = new URLSearchParams(search);
  switch (place) {
    case "/graph":
    case "/query":
      return queryHref(params);
    case "/rules":
      return "/alerts/rules";
    case "/silences":
      return "/alerts/silences";
    case "/service-discovery":
    case "/targets": {
      const job = params.get("scrapePool") ?? params.get("pool");
      if (job !== null && job !== "") return `/targets?${new URLSearchParams({ job }).toString()}`;
      return place === "/targets" && place === path ? null : "/targets";
    }
    default:
      return place === path ? null : place;
  }
}

/** Prometheus's query page: panels g0, g1, …; the time is that of the first that names one. */
function queryHref(params: URLSearchParams): string {
  const panels: number[] = [];
  for (let i = 0; params.has(`g${i}.expr`); i++) panels.push(i);
  const of = (panel: number, name: string) => params.get(`g${panel}.${name}`) ?? "";
  const exprs = panels.map((panel) => of(panel, "expr")).filter((expr) => expr.trim() !== "");
  const tab = of(0, "tab");
  const range = panels.map((panel) => panelRange((name) => of(panel, name))).find((found) => found !== null);
  return exploreHref(exprs, range ?? undefined, tab === "1" || tab === "table" ? "table" : "graph");
}

/** An hour is what Prometheus shows where a link names only its end. */
const usualMs = 3_600_000;

function panelRange(setting: (name: string) => string): TimeRange | null {
  const length = parseDuration(setting("range_input"));
  const end = moment(setting("end_input")) ?? moment(setting("moment_input"));
  if (end !== null) return fixedRange(end - (length ?? usualMs), end);
  return length === null ? null : { kind: "live", windowMs: length };
}

/** "2026-10-12 05:47:12", in UTC, as Prometheus writes moments into its links. */
function moment(text: string): number | null {
  const parts = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?Z?$/.exec(text.trim());
  if (parts === null) return null;
  const ms = Date.parse(`${parts[1] ?? ""}T${parts[2] ?? ""}${parts[3] ?? ":00"}Z`);
  return Number.isNaN(ms) ? null : ms;
}

/** Alertmanager's pages lie in the fragment: #/alerts?filter=…, #/silences/new?filter=…, #/silences/ID. */
function alertmanagerHref(route: string): string {
  const [place = "", query = ""] = route.split(/\?(.*)/s, 2);
  const [, first = "", second = "", third = ""] = place.split("/");
  const params = new URLSearchParams(query);
  const kept = new URLSearchParams();
  for (const name of ["filter", "receiver"]) {
    const value = params.get(name);
    if (value !== null && value !== "" && value !== "{}") kept.set(name, value);
  }
  const known = kept.size === 0 ? "" : `?${kept.toString()}`;
  switch (first) {
    case "silences": {
      if (second === "") return `/alerts/silences${known}`;
      if (second === "new") return `/alerts/silences/new${known}`;
      const id = second === "edit" ? third : second;
      return id === "" ? "/alerts/silences" : `/alerts/silences/${id}`;
    }
    case "status":
    case "settings":
      return "/alerts/receivers";
    default:
      return `/alerts${known}`;
  }
}
