import type { Matcher } from "./matcher";

type Labels = Readonly<Record<string, string>>;

/** Go spells flags at the front, the browser behind: (?i)abc is /abc/i. s is on in Go's (?s) only. */
function expression(value: string): RegExp {
  const flags = /^\(\?([is]+)\)/.exec(value);
  const body = flags === null ? value : value.slice(flags[0].length);
  return new RegExp(`^(?:${body})$`, [...new Set(flags?.[1] ?? "")].join(""));
}

function one({ name, op, value }: Matcher): (labels: Labels) => boolean {
  switch (op) {
    case "=":
      return (labels) => (labels[name] ?? "") === value;
    case "!=":
      return (labels) => (labels[name] ?? "") !== value;
    case "=~": {
      const re = expression(value);
      return (labels) => re.test(labels[name] ?? "");
    }
    case "!~": {
      const re = expression(value);
      return (labels) => !re.test(labels[name] ?? "");
    }
    default:
      return op satisfies never;
  }
}

/**
 * Whether all matchers hold for a label set; null where a regular expression is one that only the server can read.
 * The server decides what a silence mutes: this is for what the page shows of what it has.
 */
export function matching(matchers: readonly Matcher[]): ((labels: Labels) => boolean) | null {
  try {
    const all = matchers.map(one);
    return (labels) => all.every((holds) => holds(labels));
  } catch {
    return null;
  }
}
