import { describe, expect, it } from "vitest";
import type { Labels, Point } from "../../api/types";
import { csv, given, labelColumns, sortRows, type TableRow } from "./table";

const ms = Date.UTC(2026, 9, 12, 5, 47);
const row = (labels: Labels, value: Point, query = 0): TableRow => ({ query, labels, ms, value, points: [{ ms, value }] });
const values = (rows: readonly TableRow[]) => rows.map(({ value }) => value);

describe("the table's columns", () => {
  it("are the metric's name and every label, as many as can be read", () => {
    const rows = [row({ job: "a", __name__: "up" }, 1), row({ instance: "b", job: "c" }, 2)];
    expect(labelColumns(rows, 10)).toEqual({ columns: ["__name__", "instance", "job"], others: 0 });
    expect(labelColumns(rows, 2)).toEqual({ columns: ["__name__", "instance"], others: 1 });
  });
});

describe("the table's order", () => {
  const rows = [row({ d: "sda10" }, 2), row({}, NaN), row({ d: "sda9" }, -Infinity), row({ d: "sda9" }, 1)];

  it("is the server's until one is chosen", () => {
    expect(sortRows(rows, given)).toBe(rows);
  });

  it("goes by value, with what is no number at the end", () => {
    expect(values(sortRows(rows, { by: { kind: "value" }, down: false }))).toEqual([-Infinity, 1, 2, NaN]);
    expect(values(sortRows(rows, { by: { kind: "value" }, down: true }))).toEqual([2, 1, -Infinity, NaN]);
  });

  it("goes by a label as people count, with what lacks it at the end, and keeps the order of equals", () => {
    expect(values(sortRows(rows, { by: { kind: "label", name: "d" }, down: false }))).toEqual([-Infinity, 1, 2, NaN]);
    expect(values(sortRows(rows, { by: { kind: "label", name: "d" }, down: true }))).toEqual([2, -Infinity, 1, NaN]);
  });

  it("goes by query", () => {
    expect(values(sortRows([row({}, 1, 1), row({}, 2, 0)], { by: { kind: "query" }, down: false }))).toEqual([2, 1]);
  });
});

describe("CSV", () => {
  it("holds exact values and quotes what needs it", () => {
    const rows = [row({ __name__: "m", q: 'say "hi", you' }, 0.1 + 0.2), row({ __name__: "m", q: "a\nb" }, NaN)];
    expect(csv(rows, ["m"])).toBe(
      'time,value,__name__,q\r\n2026-10-12T05:47:00.000Z,0.30000000000000004,m,"say ""hi"", you"\r\n2026-10-12T05:47:00.000Z,NaN,m,"a\nb"\r\n',
    );
  });

  it("names the query where there are several, and every point of a range", () => {
    const points = [{ ms: ms - 1000, value: 1 }, { ms, value: 2 }];
    const rows = [row({ a: "x" }, 5), { ...row({ a: "y" }, 2, 1), points }];
    expect(csv(rows, ["sum(x)", "y[2s]"]).split("\r\n").slice(1)).toEqual([
      "2026-10-12T05:47:00.000Z,5,sum(x),x", "2026-10-12T05:46:59.000Z,1,y[2s],y", "2026-10-12T05:47:00.000Z,2,y[2s],y", "",
    ]);
  });
});
