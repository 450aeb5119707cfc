import { describe, expect, it } from "vitest";
import type { QueryError } from "../api/types";
import { errorSpan, indexAtByte, plainMessage } from "./bytes";

describe("byte offsets", () => {
  it("become positions of JavaScript", () => {
    const text = "aé€🧀b";
    expect([0, 1, 3, 6, 10, 11, 99].map((bytes) => indexAtByte(text, bytes))).toEqual([0, 1, 2, 3, 5, 6, 6]);
    expect(text.slice(indexAtByte(text, 6), indexAtByte(text, 10))).toBe("🧀");
  });
});

describe("the place of an error", () => {
  const parse = (message: string, start?: number, end?: number): QueryError => ({
    kind: "parse", message, ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }),
  });

  it("is told by the live protocol in bytes", () => {
    const expr = 'up{job="käse 🧀"} foo';
    const start = new TextEncoder().encode(expr.slice(0, expr.indexOf("foo"))).length;
    const span = errorSpan(expr, parse("unexpected identifier", start, start + 3))!;
    expect(expr.slice(span.from, span.to)).toBe("foo");
    expect(errorSpan("sum(", parse("unclosed left parenthesis", 4, 4))).toEqual({ from: 4, to: 4 });
  });

  it("is read from the messages of Prometheus's API", () => {
    expect(errorSpan("up(\n", parse('invalid parameter "query": 2:1: parse error: unclosed left parenthesis'))).toEqual({ from: 4, to: 4 });
    const expr = "sum(\n  é + rate(up)\n)";
    const span = errorSpan(expr, parse('invalid parameter "query": 2:8: parse error: expected type range vector'))!;
    expect(expr.slice(span.from)).toBe("rate(up)\n)");
  });

  it("is unknown where nothing tells it", () => {
    expect(errorSpan("up", parse("query timed out"))).toBeNull();
    expect(errorSpan("up", parse("9:99: parse error: beyond"))).toEqual({ from: 2, to: 2 });
  });

  it("does not stand in the message again", () => {
    expect(plainMessage('invalid parameter "query": 1:4: parse error: unexpected end of input')).toBe("unexpected end of input");
    expect(plainMessage("unexpected end of input")).toBe("unexpected end of input");
  });
});
