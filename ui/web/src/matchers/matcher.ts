/** How a matcher compares: equal, not equal, and the same with a regular expression that covers the whole value. */
export type MatchOp = "=" | "!=" | "=~" | "!~";

export const matchOps: readonly MatchOp[] = ["=", "!=", "=~", "!~"];

/** One condition on a label, as Alertmanager has it. A label that is missing has the value "". */
export interface Matcher {
  readonly name: string;
  readonly op: MatchOp;
  readonly value: string;
}

/** What must stand in quotes in a label's name: Go's white space and the signs of the grammar. */
const reserved = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000{}!=~,\\"'`]/u;

const short: Readonly<Record<string, string>> = {
  "\u0007": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\", '"': '\\"',
};

/** text in double quotes as Go writes it: what cannot be printed becomes an escape. */
function quote(text: string): string {
  let out = "";
  for (const rune of text) {
    const code = rune.codePointAt(0) ?? 0;
    const known = short[rune];
    if (known !== undefined) out += known;
    else if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(rune)) out += rune;
    else if (code < 0x80) out += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code < 0x1_0000) out += `\\u${code.toString(16).padStart(4, "0")}`;
    else out += `\\U${code.toString(16).padStart(8, "0")}`;
  }
  return `"${out}"`;
}

/** A matcher in Alertmanager's own spelling; a name with unusual characters stands in quotes. */
export function printMatcher({ name, op, value }: Matcher): string {
  if (name === "" || reserved.test(name)) return `${quote(name)}${op}${quote(value)}`;
  const escaped = value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
  return `${name}${op}"${escaped}"`;
}

/** Matchers in one line, in braces: what "filter=" in an address holds. */
export function printMatchers(matchers: readonly Matcher[]): string {
  return `{${matchers.map(printMatcher).join(",")}}`;
}

/** Matchers that hold for exactly this label set's values, by name. */
export function matchersOf(labels: Readonly<Record<string, string>>): readonly Matcher[] {
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, op: "=" as const, value }));
}
