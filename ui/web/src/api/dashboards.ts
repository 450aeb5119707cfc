import { apiUrl, RequestError } from "./client";
import { DecodeError, flag, list, nullable, number, object, optional, text, type Fields, type Reader } from "./read";

/** A dashboard in the list. */
export interface DashboardSummary {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly builtIn: boolean;
  readonly panels: number;
}

export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant: boolean;
  readonly hide: boolean;
  readonly interval: string;
}

/** From value on (null: from minus infinity on) it means what the colour says. */
export interface Threshold {
  readonly value: number | null;
  readonly color: string;
}

export interface Thresholds {
  readonly percentage: boolean;
  readonly steps: readonly Threshold[];
}

/** A text instead of a value. */
export type Mapping =
  | { readonly type: "value"; readonly texts: Readonly<Record<string, string>> }
  | { readonly type: "range"; readonly from: number | null; readonly to: number | null; readonly text: string }
  | { readonly type: "regex"; readonly pattern: string; readonly text: string }
  | { readonly type: "special"; readonly match: string; readonly text: string };

/** How a value is shown; what is absent has not been said. */
export interface Field {
  readonly displayName?: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly noValue?: string;
  readonly thresholds?: Thresholds;
  readonly fixedColor?: string;
  readonly mappings?: readonly Mapping[];
  readonly drawStyle?: "line" | "bars" | "points";
  readonly fillOpacity?: number;
  readonly lineWidth?: number;
  readonly stacked?: boolean;
  readonly thresholdLines?: boolean;
  readonly softMin?: number;
  readonly softMax?: number;
  readonly hidden?: boolean;
  readonly align?: string;
  readonly cell?: string;
}

export interface Override {
  readonly matcher: string;
  /** What the matcher looks for; "" where it is no text. */
  readonly options: string;
  readonly field: Field;
}

export interface SortBy {
  readonly column: string;
  readonly desc: boolean;
}

/** What the transformation "organize" does to the columns of a table. */
export interface Organize {
  readonly exclude: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
  readonly order: Readonly<Record<string, number>>;
}

/** A kind of panel, and what is set for it alone. */
export type View =
  | { readonly kind: "timeseries"; readonly legend: boolean; readonly calcs: readonly string[] }
  | { readonly kind: "stat"; readonly calc: string; readonly graph: boolean; readonly coloured: boolean; readonly text: string }
  | { readonly kind: "gauge"; readonly calc: string; readonly marks: boolean }
  | { readonly kind: "bargauge"; readonly calc: string; readonly unfilled: boolean }
  | { readonly kind: "table"; readonly header: boolean; readonly sortBy: readonly SortBy[]; readonly organize: Organize }
  | { readonly kind: "text"; readonly mode: string; readonly content: string }
  | { readonly kind: "row"; readonly collapsed: boolean; readonly panels: readonly Panel[] }
  | { readonly kind: "unknown"; readonly type: string };

export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly gridPos: GridPos;
  /** The least step: "10s"; "" for none. */
  readonly interval: string;
  readonly maxDataPoints: number | null;
  readonly targets: readonly Target[];
  readonly defaults: Field;
  readonly overrides: readonly Override[];
  readonly view: View;
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  /** What stands in the places of $name. */
  readonly value: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly builtIn: boolean;
  readonly from: string;
  readonly to: string;
  readonly variables: readonly Variable[];
  readonly panels: readonly Panel[];
}

const summary = object<DashboardSummary>((f) => ({
  uid: f.get("uid", text),
  title: f.get("title", text),
  description: f.get("description", text),
  tags: f.get("tags", list(text)),
  builtIn: f.get("built_in", flag),
  panels: f.get("panels", number),
}));

/** The body of GET /api/daymark/v1/dashboards. */
export const readDashboards = object((f) => f.get("dashboards", list(summary)));

const words = (f: Fields, name: string, otherwise = "") => f.get(name, optional(text, otherwise));
const yes = (f: Fields, name: string, otherwise = false) => f.get(name, optional(flag, otherwise));
const part = <T>(f: Fields, name: string, build: (fields: Fields) => T): T => f.get(name, (value, path) => object(build)(value ?? {}, path));

const target = object<Target>((f) => ({
  refId: words(f, "refId"),
  expr: words(f, "expr"),
  legendFormat: words(f, "legendFormat"),
  instant: yes(f, "instant"),
  hide: yes(f, "hide"),
  interval: words(f, "interval"),
}));

const thresholds = object<Thresholds>((f) => ({
  percentage: words(f, "mode") === "percentage",
  steps: f.get("steps", optional(list(object<Threshold>((s) => ({ value: s.get("value", nullable(number)), color: words(s, "color") }))), [])),
}));

const result = object((f) => words(f, "text"));

const anything: Reader<unknown> = (value) => value;

/** An object whose values are all read alike. */
function record<T>(inner: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new DecodeError(path, "an object", value);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inner(one, `${path}.${name}`)]));
  };
}

const mapping: Reader<Mapping | null> = object((f): Mapping | null => {
  const type = words(f, "type");
  switch (type) {
    case "value":
      return { type, texts: f.get("options", record(result)) };
    case "range":
      return part(f, "options", (o) => ({ type, from: o.get("from", nullable(number)), to: o.get("to", nullable(number)), text: o.get("result", result) }));
    case "regex":
      return part(f, "options", (o) => ({ type, pattern: words(o, "pattern"), text: o.get("result", result) }));
    case "special":
      return part(f, "options", (o) => ({ type, match: words(o, "match"), text: o.get("result", result) }));
    default:
      return null;
  }
});

/** What each setting of a field says, by the name that overrides use. */
const settings: Readonly<Record<string, Reader<Field>>> = {
  displayName: (value, path) => ({ displayName: text(value, path) }),
  unit: (value, path) => ({ unit: text(value, path) }),
  decimals: (value, path) => ({ decimals: number(value, path) }),
  min: (value, path) => ({ min: number(value, path) }),
  max: (value, path) => ({ max: number(value, path) }),
  noValue: (value, path) => ({ noValue: text(value, path) }),
  thresholds: (value, path) => ({ thresholds: thresholds(value, path) }),
  mappings: (value, path) => ({ mappings: list(mapping)(value, path).filter((one) => one !== null) }),
  color: object((f) => (words(f, "mode") === "fixed" ? { fixedColor: words(f, "fixedColor") } : {})),
  "custom.drawStyle": (value, path) => {
    const style = text(value, path);
    return { drawStyle: style === "bars" || style === "points" ? style : "line" };
  },
  "custom.fillOpacity": (value, path) => ({ fillOpacity: number(value, path) }),
  "custom.lineWidth": (value, path) => ({ lineWidth: number(value, path) }),
  "custom.stacking": object((f) => ({ stacked: ["normal", "percent"].includes(words(f, "mode")) })),
  "custom.thresholdsStyle": object((f) => ({ thresholdLines: words(f, "mode", "off") !== "off" })),
  "custom.axisSoftMin": (value, path) => ({ softMin: number(value, path) }),
  "custom.axisSoftMax": (value, path) => ({ softMax: number(value, path) }),
  "custom.hideFrom": object((f) => ({ hidden: yes(f, "viz") })),
  "custom.hidden": (value, path) => ({ hidden: flag(value, path) }),
  "custom.align": (value, path) => ({ align: text(value, path) }),
  "custom.cellOptions": object((f) => ({ cell: words(f, "type") })),
};

/** What one setting says; nothing for what is not drawn, and for null. */
function setting(id: string, value: unknown, path: string): Field {
  const reader = Object.hasOwn(settings, id) ? settings[id] : undefined;
  return reader === undefined || value === null || value === undefined ? {} : reader(value, path);
}

const readField: Reader<Field> = (value, path) => {
  const all = record(anything)(value ?? {}, path);
  let field: Field = {};
  for (const [name, one] of Object.entries(all)) {
    if (name !== "custom") {
      field = { ...field, ...setting(name, one, `${path}.${name}`) };
      continue;
    }
    for (const [inner, two] of Object.entries(record(anything)(one ?? {}, `${path}.custom`))) {
      field = { ...field, ...setting(`custom.${inner}`, two, `${path}.custom.${inner}`) };
    }
  }
  return field;
};

const override = object<Override>((f) => {
  const matcher = part(f, "matcher", (m) => ({ id: words(m, "id"), options: m.get("options", anything) }));
  const properties = f.get("properties", optional(list(object((p) => ({ id: words(p, "id"), value: p.get("value", anything) }))), []));
  return {
    matcher: matcher.id,
    options: typeof matcher.options === "string" ? matcher.options : "",
    field: Object.assign({}, ...properties.map(({ id, value }) => setting(id, value, id))) as Field,
  };
});

const calcOf = (f: Fields) =>
  part(f, "reduceOptions", (r) => r.get("calcs", optional(list(text), [])))[0] ?? "lastNotNull";

const organize: Reader<Organize | null> = object((f) => {
  if (words(f, "id") !== "organize" || yes(f, "disabled")) return null;
  return part(f, "options", (o) => {
    const excluded = o.get("excludeByName", optional(record(flag), {}));
    return {
      exclude: Object.keys(excluded).filter((name) => excluded[name] === true),
      rename: o.get("renameByName", optional(record(text), {})),
      order: o.get("indexByName", optional(record(number), {})),
    };
  });
});

function readView(f: Fields): View {
  const type = f.get("type", text);
  const options = <T>(build: (fields: Fields) => T) => part(f, "options", build);
  switch (type) {
    case "timeseries":
      return options((o) => part(o, "legend", (l) => ({
        kind: type, legend: yes(l, "showLegend", true) && words(l, "displayMode") !== "hidden", calcs: l.get("calcs", optional(list(text), [])),
      })));
    case "stat":
      return options((o) => ({
        kind: type, calc: calcOf(o), graph: words(o, "graphMode", "area") !== "none", coloured: words(o, "colorMode", "value") !== "none", text: words(o, "textMode", "auto"),
      }));
    case "gauge":
      return options((o) => ({ kind: type, calc: calcOf(o), marks: yes(o, "showThresholdMarkers", true) }));
    case "bargauge":
      return options((o) => ({ kind: type, calc: calcOf(o), unfilled: yes(o, "showUnfilled", true) }));
    case "table":
      return {
        ...options((o) => ({
          kind: type, header: yes(o, "showHeader", true),
          sortBy: o.get("sortBy", optional(list(object((s) => ({ column: words(s, "displayName"), desc: yes(s, "desc") }))), [])),
        })),
        organize: f.get("transformations", optional(list(organize), [])).find((one) => one !== null) ?? { exclude: [], rename: {}, order: {} },
      };
    case "text":
      return options((o) => ({ kind: type, mode: words(o, "mode", "markdown"), content: words(o, "content") }));
    case "row":
      return { kind: type, collapsed: yes(f, "collapsed"), panels: f.get("panels", optional(list(readPanel), [])) };
    default:
      return { kind: "unknown", type };
  }
}

const readPanel: Reader<Panel> = (value, path) =>
  object<Panel>((f) => ({
    id: f.get("id", number),
    title: words(f, "title"),
    description: words(f, "description"),
    gridPos: f.get("gridPos", object((g) => ({ x: g.get("x", number), y: g.get("y", number), w: g.get("w", number), h: g.get("h", number) }))),
    interval: words(f, "interval"),
    maxDataPoints: f.get("maxDataPoints", nullable(number)),
    targets: f.get("targets", optional(list(target), [])),
    ...part(f, "fieldConfig", (c) => ({ defaults: c.get("defaults", readField), overrides: c.get("overrides", optional(list(override), [])) })),
    view: readView(f),
  }))(value, path);

/** A choice as one text: several of them as a pattern that matches each. */
function chosen(value: unknown, all: string): string {
  const texts = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string" || typeof one === "number").map(String);
  return texts.includes("$__all") ? all : texts.join("|");
}

const variable = object<Variable>((f) => {
  const type = words(f, "type");
  const query = f.get("query", anything);
  const first = typeof query === "string" && ["constant", "custom", "interval", "textbox"].includes(type) ? (query.split(",")[0]?.trim() ?? "") : "";
  const current = part(f, "current", (c) => chosen(c.get("value", anything), words(f, "allValue", "") || ".*"));
  return { name: f.get("name", text), type, value: current === "" ? first : current };
});

/** The body of GET /api/daymark/v1/dashboards/{uid}. */
export const readDashboard = object<Dashboard>((f) => ({
  ...part(f, "meta", (m) => ({ builtIn: m.get("built_in", flag) })),
  ...part(f, "dashboard", (d) => ({
    uid: d.get("uid", text),
    title: d.get("title", text),
    description: words(d, "description"),
    tags: d.get("tags", optional(list(text), [])),
    ...part(d, "time", (t) => ({ from: words(t, "from"), to: words(t, "to") })),
    variables: part(d, "templating", (t) => t.get("list", optional(list(variable), []))),
    panels: d.get("panels", optional(list(readPanel), [])),
  })),
}));

async function ask(path: string, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(apiUrl(path), signal ? { signal } : {}).catch((reason: unknown) => {
    if (signal?.aborted === true) throw reason;
    throw new RequestError({ kind: "unavailable", message: "Daymark did not answer" });
  });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body;
  const { error } = (body ?? {}) as { error?: unknown };
  throw new RequestError({
    kind: response.status >= 500 ? "unavailable" : "execution",
    message: typeof error === "string" ? error : `the server answered ${response.status}`,
  });
}

/** GET /api/daymark/v1/dashboards. */
export async function fetchDashboards(signal?: AbortSignal): Promise<readonly DashboardSummary[]> {
  return readDashboards(await ask("api/daymark/v1/dashboards", signal), "");
}

/** GET /api/daymark/v1/dashboards/{uid}. */
export async function fetchDashboard(uid: string, signal?: AbortSignal): Promise<Dashboard> {
  return readDashboard(await ask(`api/daymark/v1/dashboards/${encodeURIComponent(uid)}`, signal), "");
}

/** Which of these metrics exist, at any time that is kept. */
export async function fetchExisting(names: readonly string[], signal?: AbortSignal): Promise<readonly string[]> {
  const escaped = names.map((name) => name.replace(/[^\w:]/g, ""));
  const params = new URLSearchParams({ "match[]": `{__name__=~"${escaped.join("|")}"}` });
  const body = await ask(`api/v1/label/__name__/values?${params.toString()}`, signal);
  return object((f) => f.get("data", list(text)))(body, "");
}
