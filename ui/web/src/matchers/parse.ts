import type { MatchOp, Matcher } from "./matcher";

/** What a line of matchers says, or why it cannot be read. */
export type Parsed =
  | { readonly ok: true; readonly matchers: readonly Matcher[] }
  | { readonly ok: false; readonly error: string };

class ParseError extends Error {}

interface Token {
  readonly kind: "{" | "}" | "," | "operator" | "quoted" | "plain";
  readonly text: string;
  /** From 1, in characters. */
  readonly column: number;
}

const space = "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const grammar = new RegExp(`([${space}]+)|([{},])|(=~|!=|!~|=)|("(?:[^"\\\\]|\\\\[^])*")|([^${space}{}!=~,\\\\"'\`]+)`, "uy");

function tokens(input: string): readonly Token[] {
  const out: Token[] = [];
  let column = 1;
  grammar.lastIndex = 0;
  while (grammar.lastIndex < input.length) {
    const at = grammar.lastIndex;
    const found = grammar.exec(input);
    if (found === null) {
      const rest = input.slice(at);
      throw new ParseError(
        rest.startsWith('"') ? `the quote at column ${column} is not closed` : `${Array.from(rest)[0] ?? ""} at column ${column} must stand in quotes`,
      );
    }
    const [text, blank, sign, operator, quoted] = found;
    if (blank === undefined) {
      const kind = sign === "{" || sign === "}" || sign === "," ? sign : operator !== undefined ? "operator" : quoted !== undefined ? "quoted" : "plain";
      out.push({ kind, text, column });
    }
    column += Array.from(text).length;
  }
  return out;
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 92, '"': 34 };

/** The text in a quoted token, by Go's rules for strings. */
function unquote({ text, column }: Token): string {
  const bytes: number[] = [];
  const body = text.slice(1, -1);
  const part = /\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([^\\\n])/uy;
  const encoder = new TextEncoder();
  while (part.lastIndex < body.length) {
    const at = part.lastIndex;
    const found = part.exec(body);
    if (found === null) throw new ParseError(`${body.slice(at, at + 2)} in the quotes at column ${column} is no escape: write \\\\ for a backslash`);
    const [, letter, hex, octal, four, eight, plain] = found;
    const code = Number.parseInt(four ?? eight ?? "", 16);
    if (plain !== undefined) bytes.push(...encoder.encode(plain));
    else if (letter !== undefined) bytes.push(escapes[letter] ?? 0);
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (octal !== undefined && Number.parseInt(octal, 8) < 256) bytes.push(Number.parseInt(octal, 8));
    else if (code <= 0x10_ffff && !(code >= 0xd800 && code < 0xe000)) bytes.push(...encoder.encode(String.fromCodePoint(code)));
    else throw new ParseError(`an escape in the quotes at column ${column} is no character`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    throw new ParseError(`the quotes at column ${column} hold bytes that are not UTF-8`);
  }
}

function operatorOf(text: string): MatchOp {
  return text === "=~" || text === "!=" || text === "!~" ? text : "=";
}

/** The grammar with names in quotes. */
function parseUtf8(input: string): readonly Matcher[] {
  const list = tokens(input);
  const out: Matcher[] = [];
  let at = 0;
  const where = () => {
    const token = list[at];
    return token === undefined ? "at the end" : `at column ${token.column}, before ${token.text}`;
  };
  const word = (what: string) => {
    const token = list[at];
    if (token?.kind !== "quoted" && token?.kind !== "plain") throw new ParseError(`${what} is missing ${where()}`);
    at++;
    return token.kind === "quoted" ? unquote(token) : token.text;
  };
  const braced = list[0]?.kind === "{";
  if (braced) at++;
  while (at < list.length && list[at]?.kind !== "}") {
    const name = word("a label name");
    const operator = list[at];
    if (operator?.kind !== "operator") throw new ParseError(`an operator (=, !=, =~ or !~) is missing ${where()}`);
    at++;
    out.push({ name, op: operatorOf(operator.text), value: word("a value") });
    if (at === list.length || list[at]?.kind === "}") break;
    if (list[at]?.kind !== ",") throw new ParseError(`a comma is missing ${where()}`);
    at++;
  }
  if (braced && list[at]?.kind !== "}") throw new ParseError("the closing brace is missing");
  if (!braced && list[at]?.kind === "}") throw new ParseError("there is a closing brace, but no opening one");
  if (braced) at++;
  if (at < list.length) throw new ParseError(`nothing more is expected ${where()}`);
  return out;
}

/** The grammar from before UTF-8 names: a lone backslash stands for itself, and values need no quotes. */
function parseClassic(input: string): readonly Matcher[] {
  const inner = input.replace(/^\{/, "").replace(/\}$/, "");
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  let escaped = false;
  for (const rune of inner) {
    if (rune === "," && !quoted) {
      parts.push(part);
      part = "";
      continue;
    }
    if (rune === '"' && !escaped) quoted = !quoted;
    escaped = rune === "\\" && !escaped;
    part += rune;
  }
  if (part.trim() !== "") parts.push(part.trim());
  return parts.map((text) => {
    // Go's \s is ASCII.
    const found = /^[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*([^]*?)[\t\n\f\r ]*$/.exec(text);
    const [, name, operator, raw] = found ?? [];
    if (name === undefined || operator === undefined || raw === undefined) throw new ParseError(`${text} is no matcher`);
    const open = raw.startsWith('"');
    const closed = open && raw.length > 1 && /(?:^|[^\\])(?:\\\\)*"$/.test(raw.slice(1));
    const body = closed ? raw.slice(1, -1) : raw;
    if ((open && !closed) || /(?:^|[^\\])(?:\\\\)*"/.test(body)) throw new ParseError(`${raw} holds a quote that is not escaped`);
    const value = body.replace(/\\([n"\\])/g, (_, sign: string) => (sign === "n" ? "\n" : sign));
    return { name, op: operatorOf(operator), value };
  });
}

function attempt(parse: (input: string) => readonly Matcher[], input: string): Parsed {
  try {
    return { ok: true, matchers: parse(input) };
  } catch (reason) {
    if (reason instanceof ParseError) return { ok: false, error: reason.message };
    throw reason;
  }
}

/**
 * Reads matchers as Alertmanager does: by the grammar with names in quotes; where only the older one can read them, or
 * where the two disagree, by the older one. Braces are optional.
 */
export function parseMatchers(input: string): Parsed {
  const newer = attempt(parseUtf8, input);
  const older = attempt(parseClassic, input);
  if (!older.ok) return newer;
  if (!newer.ok) return older;
  return JSON.stringify(newer.matchers) === JSON.stringify(older.matchers) ? newer : older;
}
