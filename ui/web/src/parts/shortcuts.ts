import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from "react";

/** Something a key does, and what the "?" sheet says of it. */
export interface Shortcut {
  /** The keys as they stand on the keyboard: ["g", "o"] one after the other, ["Ctrl", "K"] together. */
  readonly keys: readonly string[];
  readonly does: string;
  /**
   * What the last of keys does wherever no text is being typed; the keys before it are pressed one after the other.
   * Without it the sheet only tells of the shortcut: a control that has the focus handles it.
   */
  readonly run?: () => void;
}

/** The shortcuts of one page or of all pages. */
export interface ShortcutList {
  readonly title: string;
  readonly list: readonly Shortcut[];
}

/** What is in force now: the lists of what is mounted. */
export class ShortcutStore {
  private lists: readonly ShortcutList[] = [];
  private readonly listeners = new Set<() => void>();

  get = (): readonly ShortcutList[] => this.lists;

  listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Puts a list in force until the returned function is called. */
  add(list: ShortcutList): () => void {
    this.set([...this.lists, list]);
    return () => this.set(this.lists.filter((one) => one !== list));
  }

  private set(lists: readonly ShortcutList[]): void {
    this.lists = lists;
    for (const listener of this.listeners) listener();
  }
}

const ShortcutContext = createContext<ShortcutStore | null>(null);

export const ShortcutProvider = ShortcutContext.Provider;

function useStore(): ShortcutStore {
  const store = useContext(ShortcutContext);
  if (store === null) throw new Error("shortcuts outside of ShortcutProvider");
  return store;
}

/** Puts the shortcuts of a page (or of a part of it) in force and into the "?" sheet while it is mounted. */
export function useShortcuts(title: string, list: readonly Shortcut[]): void {
  const store = useStore();
  const latest = useRef(list);
  useEffect(() => {
    latest.current = list;
  });
  const shape = JSON.stringify(list.map(({ keys, does, run }) => [keys, does, run !== undefined]));
  useEffect(
    () =>
      store.add({
        title,
        list: latest.current.map(({ keys, does, run }, i) => (run === undefined ? { keys, does } : { keys, does, run: () => latest.current[i]?.run?.() })),
      }),
    // shape stands for list: callers build it anew in each render.
    [store, title, shape],
  );
}

/** What is in force now. */
export function useShortcutLists(): readonly ShortcutList[] {
  const store = useStore();
  return useSyncExternalStore(store.listen, store.get);
}
