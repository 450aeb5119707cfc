import { readHistogram } from "./messages";
import { DecodeError, labels, list, nullable, number, object, oneOf, text, type Reader } from "./read";
import type { Frame, Point, Series } from "./types";

interface Sample {
  readonly ms: number;
  readonly value: Point;
}

function sample(readValue: Reader<Point>): Reader<Sample> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length !== 2) throw new DecodeError(path, "a sample", value);
    const pair = value as unknown[];
    return {
      ms: Math.round(number(pair[0], `${path}[0]`) * 1000),
      value: readValue(pair[1], `${path}[1]`),
    };
  };
}

const float: Reader<Point> = (value, path) => {
  const digits = text(value, path);
  switch (digits) {
    case "+Inf":
      return Infinity;
    case "-Inf":
      return -Infinity;
    default:
      return Number(digits);
  }
};

interface Row {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly Sample[];
}

const row = object<Row>((f) => ({
  labels: f.get("metric", labels),
  samples: [
    ...(f.get("values", nullable(list(sample(float)))) ?? []),
    ...(f.get("histograms", nullable(list(sample(readHistogram)))) ?? []),
  ],
}));

const matrix = object((f) => ({
  type: f.get("resultType", oneOf("matrix")),
  result: f.get("result", list(row)),
}));

/** The body of a successful /api/v1/query_range over the steps from fromMs to toMs, as a frame. */
export function readMatrix(body: unknown, fromMs: number, toMs: number, stepMs: number): Frame {
  const read = object((f) => ({
    data: f.get("data", matrix),
    warnings: f.get("warnings", nullable(list(text))) ?? [],
    infos: f.get("infos", nullable(list(text))) ?? [],
  }));
  const { data, warnings, infos } = read(body, "");
  const steps = Math.round((toMs - fromMs) / stepMs) + 1;
  const series = data.result.map<Series>((one) => {
    const values = Array.from<Point>({ length: steps }).fill(null);
    for (const { ms, value } of one.samples) {
      const step = Math.round((ms - fromMs) / stepMs);
      if (step >= 0 && step < steps) values[step] = value;
    }
    return { labels: one.labels, values };
  });
  return { fromMs, toMs, stepMs, series, warnings, infos };
}
