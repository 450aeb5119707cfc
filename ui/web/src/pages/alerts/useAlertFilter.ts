import { useMemo, useState } from "react";
import { printMatchers, type Matcher } from "../../matchers/matcher";
import { parseMatchers } from "../../matchers/parse";
import { useAddress } from "../../url/useAddress";

/** The filter that the address holds, and the line in which it is written. */
export interface FilterState {
  readonly matchers: readonly Matcher[];
  readonly words: string;
  readonly receiver: string;
  /** What stands in the field. */
  readonly line: string;
  /** Why the line is not (yet) a filter; "" when it is one. */
  readonly error: string;
  readonly write: (line: string) => void;
  readonly setReceiver: (receiver: string) => void;
  readonly clear: () => void;
}

const operator = /[=~{}]/;

function read(filters: readonly string[]): { matchers: readonly Matcher[]; error: string } {
  const matchers: Matcher[] = [];
  for (const filter of filters) {
    const parsed = parseMatchers(filter);
    if (!parsed.ok) return { matchers: [], error: parsed.error };
    matchers.push(...parsed.matchers);
  }
  return { matchers, error: "" };
}

/** Words or matchers in one line: filter= (as Alertmanager has it), search= and receiver= in the address. */
export function useAlertFilter(): FilterState {
  const [params, change] = useAddress();
  const filters = params.getAll("filter");
  const words = params.get("search") ?? "";
  const key = JSON.stringify([filters, words]);
  const inAddress = useMemo(() => {
    const { matchers, error } = read(filters);
    return { matchers, error, line: filters.length > 0 ? (error === "" ? printMatchers(matchers) : filters.join(",")) : words };
    // key stands for both.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  // What is typed, as long as it belongs to the address as it is.
  const [draft, setDraft] = useState({ key, line: inAddress.line, error: "" });
  const current = draft.key === key ? draft : { key, line: inAddress.line, error: inAddress.error };

  const write = (line: string) => {
    const isWords = !operator.test(line);
    const { matchers, error } = isWords ? { matchers: [], error: "" } : read([line]);
    if (error !== "") {
      setDraft({ key, line, error });
      return;
    }
    const next = isWords ? { filter: null, search: line.trim() } : { filter: [printMatchers(matchers)], search: null };
    setDraft({ key: JSON.stringify([next.filter ?? [], next.search ?? ""]), line, error: "" });
    change(next);
  };
  return {
    matchers: inAddress.matchers,
    words: filters.length > 0 ? "" : words,
    receiver: params.get("receiver") ?? "",
    line: current.line,
    error: current.error === "" ? inAddress.error : current.error,
    write,
    setReceiver: (receiver) => change({ receiver }),
    clear: () => change({ filter: null, search: null, receiver: null, alert: null }),
  };
}
