import type { PrometheusClient } from "@prometheus-io/codemirror-promql";
import { EqlRegex, EqlSingle, Neq, NeqRegex } from "@prometheus-io/lezer-promql";
import { fetchLabelNames, fetchLabelValues, fetchMetadata, type MetricNote } from "../api/vocabulary";
import { Kept } from "./kept";

/** A condition that stands beside the label that is being completed; its value as it was typed, between the quotes. */
interface TypedMatcher {
  readonly type: number;
  readonly name: string;
  readonly value: string;
}

const operators: Readonly<Record<number, string>> = { [EqlSingle]: "=", [Neq]: "!=", [EqlRegex]: "=~", [NeqRegex]: "!~" };

function nameText(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : JSON.stringify(name);
}

/** The selector of a metric ("": any) with the finished conditions besides the one on label. */
export function selectorText(metric: string, matchers: readonly TypedMatcher[] = [], label = ""): string {
  const parts = metric === "" ? [] : [`__name__=${JSON.stringify(metric)}`];
  for (const { type, name, value } of matchers) {
    const operator = operators[type];
    if (operator === undefined || name === label || value === "") continue;
    // A text in single quotes may hold bare double ones.
    parts.push(`${nameText(name)}${operator}"${value.replace(/(?<!\\)((?:\\\\)*)"/g, '$1\\"')}"`);
  }
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

/**
 * What completion offers, asked of this Daymark and kept for half a minute. Completion is a help: where the server does
 * not answer it offers nothing, and says nothing.
 */
export class Vocabulary implements PrometheusClient {
  private readonly lists = new Kept<readonly string[]>(30_000, 200);
  private readonly notes = new Kept<Readonly<Record<string, readonly MetricNote[]>>>(30_000, 1);

  labelNames(metric = ""): Promise<string[]> {
    const selector = selectorText(metric);
    return this.lists.get(`names ${selector}`, () => fetchLabelNames(selector)).then((names) => [...names], () => []);
  }

  labelValues(label: string, metric = "", matchers: readonly TypedMatcher[] = []): Promise<string[]> {
    const selector = selectorText(metric, matchers, label);
    return this.lists.get(`values ${label} ${selector}`, () => fetchLabelValues(label, selector)).then((values) => [...values], () => []);
  }

  metricNames(): Promise<string[]> {
    return this.labelValues("__name__");
  }

  metricMetadata(): Promise<Record<string, { type: string; help: string }[]>> {
    return this.notes.get("", () => fetchMetadata()).then(
      (notes) => Object.fromEntries(Object.entries(notes).map(([name, known]) => [name, [...known]])),
      () => ({}),
    );
  }

  /** Completion asks for neither series nor flags; the interface wants them. */
  series(): Promise<Map<string, string>[]> {
    return Promise.resolve([]);
  }

  flags(): Promise<Record<string, string>> {
    return Promise.resolve({});
  }
}
