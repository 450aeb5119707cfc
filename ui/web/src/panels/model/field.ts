import type { Field, Mapping, Panel, Threshold } from "../../api/dashboards";
import type { Point } from "../../api/types";
import { formatParts, formatValue } from "../../units/format";
import { unitOf } from "../../units/grafana";

/** What a value means to the reader; normal: nothing to say. */
export type LevelTone = "normal" | "healthy" | "info" | "warning" | "critical";

/** Of what an override's matcher is asked. */
export interface Matched {
  readonly name: string;
  readonly refId: string;
}

function pattern(text: string): RegExp | null {
  const [, body = text, flags = ""] = /^\/(.*)\/([gimsuy]*)$/.exec(text) ?? [];
  try {
    return new RegExp(body, flags.replace(/[gy]/g, ""));
  } catch {
    return null;
  }
}

function matches(matcher: string, options: string, of: Matched): boolean {
  switch (matcher) {
    case "byName":
      return options === of.name;
    case "byRegexp":
      return pattern(options)?.test(of.name) === true;
    case "byFrameRefID":
      return options === of.refId;
    default:
      return false;
  }
}

/** How a panel shows one series or column: its defaults, then every override that fits. */
export function fieldFor(panel: Pick<Panel, "defaults" | "overrides">, of: Matched): Field {
  let field = panel.defaults;
  for (const override of panel.overrides) {
    if (matches(override.matcher, override.options, of)) field = { ...field, ...override.field };
  }
  return field;
}

const hues: readonly (readonly [RegExp, LevelTone, number])[] = [
  [/red/i, "critical", 3],
  [/orange/i, "warning", 1],
  [/yellow/i, "warning", 6],
  [/green/i, "healthy", 2],
  [/blue/i, "info", 0],
  [/purple|violet/i, "info", 9],
];

/** The hue of #rrggbb or rgb(…): 0 to 360; null for greys and what is no colour. */
function hueOf(colour: string): number | null {
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})/i.exec(colour);
  const rgb = hex ?? /^rgba?\((\d+),\s*(\d+),\s*(\d+)/.exec(colour);
  if (rgb === null) return null;
  const [r = 0, g = 0, b = 0] = rgb.slice(1, 4).map((part) => Number.parseInt(part, hex === null ? 10 : 16));
  const most = Math.max(r, g, b);
  const span = most - Math.min(r, g, b);
  if (span < 24) return null;
  if (most === r) return (60 * ((g - b) / span) + 360) % 360;
  return most === g ? 60 * ((b - r) / span) + 120 : 60 * ((r - g) / span) + 240;
}

function familyOf(colour: string): readonly [LevelTone, number] | null {
  const named = hues.find(([name]) => name.test(colour));
  if (named !== undefined) return [named[1], named[2]];
  const hue = hueOf(colour);
  if (hue === null) return null;
  if (hue < 20 || hue >= 335) return ["critical", 3];
  if (hue < 45) return ["warning", 1];
  if (hue < 70) return ["warning", 6];
  if (hue < 170) return ["healthy", 2];
  return hue < 260 ? ["info", 0] : ["info", 9];
}

/** What a colour of a threshold means. */
export function toneOf(colour: string): LevelTone {
  return familyOf(colour)?.[0] ?? "normal";
}

/** The place in the scheme's series colours that comes nearest to a fixed colour; null where none does. */
export function inkOf(colour: string | undefined): number | null {
  return colour === undefined ? null : (familyOf(colour)?.[1] ?? null);
}

/** A threshold in the values' own measure. */
export interface Level {
  readonly from: number;
  readonly tone: LevelTone;
}

/** The thresholds of a field, rising; percentages are of min to max (0 to 100 without them). */
export function levelsOf(field: Field): readonly Level[] {
  const { thresholds, min = 0, max = 100 } = field;
  if (thresholds === undefined) return [];
  const place = ({ value }: Threshold) => {
    if (value === null) return -Infinity;
    return thresholds.percentage ? min + ((max - min) * value) / 100 : value;
  };
  const first = thresholds.steps[0];
  return thresholds.steps.map((step) => {
    const tone = toneOf(step.color);
    // Where healthy is the ground state, there is nothing to point out.
    return { from: place(step), tone: tone === "healthy" && step === first ? "normal" : tone };
  });
}

/** What value means. */
export function levelOf(value: number | null, field: Field): LevelTone {
  if (value === null || Number.isNaN(value)) return "normal";
  return levelsOf(field).findLast(({ from }) => value >= from)?.tone ?? "normal";
}

function mapped(value: number | null, mapping: Mapping): string | null {
  switch (mapping.type) {
    case "value":
      return value !== null && Object.hasOwn(mapping.texts, String(value)) ? (mapping.texts[String(value)] ?? null) : null;
    case "range":
      return value !== null && value >= (mapping.from ?? -Infinity) && value <= (mapping.to ?? Infinity) ? mapping.text : null;
    case "regex":
      return value !== null && pattern(mapping.pattern)?.test(String(value)) === true ? mapping.text : null;
    case "special": {
      const nan = value !== null && Number.isNaN(value);
      const fits = { null: value === null, nan, "null+nan": value === null || nan, empty: value === null }[mapping.match];
      return fits === true ? mapping.text : null;
    }
    default:
      return mapping satisfies never;
  }
}

/** A value as a field writes it: number and unit apart, or the text that stands for it. */
export function fieldParts(value: number | null, field: Field): { number: string; suffix: string } {
  for (const mapping of field.mappings ?? []) {
    const found = mapped(value, mapping);
    if (found !== null && found !== "") return { number: found, suffix: "" };
  }
  if (value === null && field.noValue !== undefined) return { number: field.noValue, suffix: "" };
  return formatParts(value, unitOf(field.unit), undefined, field.decimals);
}

/** A value as a field writes it. */
export function fieldText(point: Point, field: Field): string {
  if (point !== null && typeof point !== "number") return `histogram: count ${point.count}, sum ${point.sum}`;
  for (const mapping of field.mappings ?? []) {
    const found = mapped(point, mapping);
    if (found !== null && found !== "") return found;
  }
  return point === null && field.noValue !== undefined ? field.noValue : formatValue(point, unitOf(field.unit), undefined, field.decimals);
}

/** Where a value stands between min and max: 0 to 1. Without max, the greatest of all values is the end. */
export function shareOf(value: number | null, field: Field, greatest: number): number | null {
  if (value === null || Number.isNaN(value)) return null;
  const { min = 0, max = field.unit === "percent" ? 100 : field.unit === "percentunit" ? 1 : greatest } = field;
  if (max <= min) return 0;
  return Math.min(1, Math.max(0, (value - min) / (max - min)));
}
