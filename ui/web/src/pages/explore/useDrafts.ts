import { useState } from "react";
import { rowsKey, type QueryRow } from "./address";

/** A row as it stands in the page: its text may be ahead of what is asked. */
export interface Draft extends QueryRow {
  readonly id: number;
  /** What was asked last in this row; null: nothing yet. Rows that were asked stand in the address, in this order. */
  readonly asked: string | null;
  /** It was just added: it takes the focus. */
  readonly fresh: boolean;
}

export interface Drafts {
  readonly list: readonly Draft[];
  readonly edit: (id: number, expr: string) => void;
  readonly add: (after?: number, expr?: string) => void;
  readonly remove: (id: number) => void;
  readonly toggle: (id: number) => void;
  /** Asks what stands there; with an id and a text, with that text in that row. */
  readonly run: (id?: number, expr?: string) => void;
  /** Asks these instead of what stands there. */
  readonly replace: (exprs: readonly string[]) => void;
}

let lastId = 0;

function askedOf(expr: string): string | null {
  return expr.trim() === "" ? null : expr;
}

function drafts(rows: readonly QueryRow[], fresh = false): readonly Draft[] {
  const list = rows.length === 0 ? [{ expr: "", on: true }] : rows;
  return list.map(({ expr, on }) => ({ id: ++lastId, expr, on, asked: askedOf(expr), fresh }));
}

/** The rows of the page over those of the address: a change of the address from elsewhere (back, a link) wins. */
export function useDrafts(rows: readonly QueryRow[], ask: (rows: readonly QueryRow[]) => void): Drafts {
  const key = rowsKey(rows);
  const [list, setList] = useState(() => drafts(rows));
  const [seen, setSeen] = useState(key);
  if (seen !== key) {
    setSeen(key);
    if (rowsKey(list) !== key) setList(drafts(rows));
  }
  const put = (next: readonly Draft[]) => {
    const kept = next.length === 0 ? drafts([], true) : next.map((one) => ({ ...one, asked: askedOf(one.expr) }));
    setList(kept);
    ask(kept);
  };
  const edit = (id: number, expr: string) => setList((before) => before.map((one) => (one.id === id ? { ...one, expr } : one)));
  return {
    list,
    edit,
    add: (after, expr = "") => {
      const at = after === undefined ? list.length : list.findIndex(({ id }) => id === after) + 1;
      setList(list.toSpliced(at, 0, { id: ++lastId, expr, on: true, asked: null, fresh: true }));
    },
    remove: (id) => put(list.filter((one) => one.id !== id)),
    toggle: (id) => put(list.map((one) => (one.id === id ? { ...one, on: !one.on } : one))),
    run: (id, expr) => put(list.map((one) => (one.id === id && expr !== undefined ? { ...one, expr, on: true } : one))),
    replace: (exprs) => put(drafts(exprs.map((expr) => ({ expr, on: true })))),
  };
}
