import { describe, expect, it } from "vitest";
import { matching } from "./match";
import { matchersOf, printMatcher, printMatchers, type Matcher, type MatchOp } from "./matcher";
import { parseMatchers } from "./parse";

const m = (name: string, op: MatchOp, value: string): Matcher => ({ name, op, value });
const read = (input: string) => {
  const parsed = parseMatchers(input);
  return parsed.ok ? parsed.matchers : parsed.error;
};

describe("parseMatchers", () => {
  it.each<[string, string, Matcher[]]>([
    ["nothing", "", []],
    ["empty braces", "{}", []],
    ["a bare word", "{foo=bar}", [m("foo", "=", "bar")]],
    ["no braces", "foo=bar", [m("foo", "=", "bar")]],
    ["a trailing comma", "foo=bar,", [m("foo", "=", "bar")]],
    ["each operator", 'a="1",b!="2",c=~"3",d!~"4"', [m("a", "=", "1"), m("b", "!=", "2"), m("c", "=~", "3"), m("d", "!~", "4")]],
    ["spaces", ' { a = "1" , b =~ "2" } ', [m("a", "=", "1"), m("b", "=~", "2")]],
    ["signs of regular expressions without quotes", "{foo=~[a-z]+}", [m("foo", "=~", "[a-z]+")]],
    ["a name in quotes", '"quoted name"="value"', [m("quoted name", "=", "value")]],
    ["a name in quotes with a brace and a comma", '{"a{b,c}"!~"x|y"}', [m("a{b,c}", "!~", "x|y")]],
    ["characters beyond ASCII", '{"größe"="🙂",foo=🙂bar}', [m("größe", "=", "🙂"), m("foo", "=", "🙂bar")]],
    ["bytes as escapes", String.raw`{"foo"="\xf0\x9f\x99\x82"}`, [m("foo", "=", "🙂")]],
    ["a code point as an escape", String.raw`{"foo"="\U0001f642"}`, [m("foo", "=", "🙂")]],
    ["escaped quotes and backslashes", String.raw`{"foo"="\"a\\b\n\t"}`, [m("foo", "=", '"a\\b\n\t')]],
    ["an escaped backslash of a regular expression", String.raw`{"foo"=~"\\d+"}`, [m("foo", "=~", "\\d+")]],
    ["a lone backslash, by the older grammar", String.raw`foo=~"\d+"`, [m("foo", "=~", "\\d+")]],
    ["a lone backslash without quotes, by the older grammar", String.raw`{foo=bar\n}`, [m("foo", "=", "bar\n")]],
    ["an empty value", 'foo=""', [m("foo", "=", "")]],
    ["a comma in quotes", 'foo="a,b",bar="c"', [m("foo", "=", "a,b"), m("bar", "=", "c")]],
    ["no value, by the older grammar", "foo=", [m("foo", "=", "")]],
    ["a missing brace, by the older grammar", "{foo=bar", [m("foo", "=", "bar")]],
  ])("reads %s", (_, input, want) => {
    expect(read(input)).toEqual(want);
  });

  it.each([
    ["a comma alone", "{,}", "a label name is missing at column 2, before ,"],
    ["no operator", "{foo}", "an operator (=, !=, =~ or !~) is missing at column 5, before }"],
    ["an open quote", '{"a b"="c', "the quote at column 8 is not closed"],
    ["two values", '"a b"="c" d', "a comma is missing at column 11, before d"],
    ["an escape that is none", String.raw`{"a b"="\w"}`, String.raw`\w in the quotes at column 8 is no escape: write \\ for a backslash`],
    ["bytes that are not UTF-8", String.raw`{"a b"="\xf0\x9f"}`, "the quotes at column 8 hold bytes that are not UTF-8"],
    ["a closing brace alone", '"a b"=c}', "there is a closing brace, but no opening one"],
    ["no closing brace", '{"a b"=c', "the closing brace is missing"],
    ["a single quote", "{'a'=b}", "' at column 2 must stand in quotes"],
  ])("refuses %s", (_, input, error) => {
    expect(read(input)).toBe(error);
  });
});

describe("as Alertmanager 0.34 reads it", () => {
  // Left: the input; right: what its own parser prints, null where it refuses.
  it.each<[string, string | null]>([
    ["foo=bar}", '{foo="bar"}'],
    [",", null],
    ['foo=:"bar"', null],
    [String.raw`a="\\"`, String.raw`{a="\\"}`],
    ['a="b"c"', null],
    ['a=b"', null],
    [String.raw`a="\"`, null],
    [String.raw`a=\"`, String.raw`{a="\""}`],
    [String.raw`a="b\"`, null],
    ["a=b,,c=d", null],
    ["{{a=b}}", null],
    ["a=\u00a0b", '{a="\u00a0b"}'],
    ["a='b'", `{a="'b'"}`],
    ["a=~b~c", '{a=~"b~c"}'],
    [String.raw`a="x\y"`, String.raw`{a="x\\y"}`],
    [String.raw`"a"="\'"`, null],
    ["a==b", '{a="=b"}'],
    ["a=!b", '{a="!b"}'],
    ['foo="bar', null],
    ["{", "{}"],
    ["}", "{}"],
    ['a="b" ', '{a="b"}'],
    [" {a=b}", '{a="b"}'],
    ['{a="b" , }', '{a="b"}'],
  ])("%s", (input, want) => {
    const parsed = parseMatchers(input);
    expect(parsed.ok ? printMatchers(parsed.matchers) : null).toBe(want);
  });
});

describe("printMatcher", () => {
  it.each<[Matcher, string]>([
    [m("foo", "=", "bar"), 'foo="bar"'],
    [m("foo", "=~", "\\d+"), String.raw`foo=~"\\d+"`],
    [m("foo", "!=", 'say "hi"\n'), String.raw`foo!="say \"hi\"\n"`],
    [m("größe", "!~", "a"), 'größe!~"a"'],
    [m("quoted name", "=", "value"), '"quoted name"="value"'],
    [m('a"b', "=", "tab\there\u0001\u200b"), String.raw`"a\"b"="tab\there\x01\u200b"`],
    [m("", "=", "x"), '""="x"'],
  ])("writes %j", (matcher, text) => {
    expect(printMatcher(matcher)).toBe(text);
  });

  it("is read back as it was, whatever stands in it", () => {
    const list = [m("a", "=", "\t<script>\"'`{}!~,\\"), m("b c", "!~", "שלום\u202e\u0000\n"), m("☃", "=~", "\\\\n\\d"), m("d", "!=", "")];
    expect(read(printMatchers(list))).toEqual(list);
  });
});

describe("matching", () => {
  const labels = { alertname: "Down", region: "eu" };
  it.each<[string, Matcher[], boolean]>([
    ["equal", [m("region", "=", "eu")], true],
    ["all must hold", [m("region", "=", "eu"), m("alertname", "=", "Up")], false],
    ["a missing label is empty", [m("team", "=", "")], true],
    ["not equal", [m("region", "!=", "us")], true],
    ["the whole value", [m("alertname", "=~", "Do")], false],
    ["a regular expression", [m("alertname", "=~", "D.*|U.*")], true],
    ["its contrary", [m("alertname", "!~", "D.*")], false],
    ["Go's flag for upper and lower case", [m("region", "=~", "(?i)EU")], true],
  ])("%s", (_, matchers, holds) => {
    expect(matching(matchers)?.(labels)).toBe(holds);
  });

  it("leaves to the server what it cannot read", () => {
    expect(matching([m("a", "=~", "(")])).toBeNull();
  });

  it("holds for the labels it was made of", () => {
    expect(matchersOf(labels)).toEqual([m("alertname", "=", "Down"), m("region", "=", "eu")]);
  });
});
