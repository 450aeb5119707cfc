import type { Dashboard } from "../../api/dashboards";
import { parseRange, rangeParams } from "../../time/range";

/** The id of the one panel that the address wants to see ("5", or "panel-5"); null for all. */
export function viewedPanel(params: URLSearchParams): number | null {
  const [, id] = /^(?:panel-)?(\d+)$/.exec(params.get("viewPanel") ?? "") ?? [];
  return id === undefined ? null : Number(id);
}

/** Whether rail and header are away. */
export function isKiosk(params: URLSearchParams): boolean {
  const value = params.get("kiosk");
  return value !== null && value !== "false" && value !== "0";
}

/** params with one of them set, or without it. */
export function withParam(params: URLSearchParams, name: string, value: string | null): string {
  const next = new URLSearchParams(params);
  if (value === null) next.delete(name);
  else next.set(name, value);
  const query = next.toString();
  return query === "" ? "" : `?${query}`;
}

/** The search of an address that names no range, with the dashboard's own; null where there is nothing to add. */
export function withUsualTime(params: URLSearchParams, { from, to }: Pick<Dashboard, "from" | "to">): string | null {
  if (params.has("from") || from === "") return null;
  const usual = parseRange(new URLSearchParams({ from, to: to === "" ? "now" : to }));
  if (usual === null) return null;
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(rangeParams(usual))) next.set(name, value);
  return `?${next.toString()}`;
}

/** The values of a dashboard's variables, those of the address first (var-NAME). */
export function variableValues(dashboard: Pick<Dashboard, "variables" | "title">, params: URLSearchParams): Readonly<Record<string, string>> {
  const values: Record<string, string> = { __dashboard: dashboard.title };
  for (const { name, value } of dashboard.variables) {
    const asked = params.getAll(`var-${name}`).filter((one) => one !== "" && one !== "$__all");
    values[name] = asked.length === 0 ? value : asked.join("|");
  }
  return values;
}
