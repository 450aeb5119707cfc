import type { QueryError } from "../api/types";

/** A part of a text, as positions of JavaScript; from = to where something is missing. */
export interface TextSpan {
  readonly from: number;
  readonly to: number;
}

/** The position in text that lies so many bytes of UTF-8 after its start; text's end where it is shorter. */
export function indexAtByte(text: string, bytes: number): number {
  let left = bytes;
  let index = 0;
  for (const char of text) {
    if (left <= 0) break;
    const code = char.codePointAt(0) ?? 0;
    left -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    index += char.length;
  }
  return index;
}

/**
 * Where in expr an error lies: by the offsets that come with it, or by the line and column with which Prometheus's API
 * begins its message. null where it does not say.
 */
export function errorSpan(expr: string, error: QueryError): TextSpan | null {
  if (error.start !== undefined) {
    const from = indexAtByte(expr, error.start);
    return { from, to: Math.max(from, indexAtByte(expr, error.end ?? error.start)) };
  }
  const place = /(?:^|: )(\d+):(\d+): parse error:/.exec(error.message);
  if (place === null) return null;
  const lines = expr.split("\n");
  const line = Math.min(Number(place[1]), lines.length) - 1;
  const before = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
  const from = before + indexAtByte(lines[line] ?? "", Number(place[2]) - 1);
  return { from, to: from };
}

/** An error's message without the place at its beginning, which is shown in the text itself. */
export function plainMessage(message: string): string {
  return message.replace(/^invalid parameter "query": /, "").replace(/^\d+:\d+: parse error: /, "");
}
