import type { Labels, QueryError, QueryState, Update } from "../api/types";
import { fromSnapshot, withPoints, type Held, type LiveFrame } from "./frame";

/** Hears what a subscription holds, each time it changes. */
export type LiveListener = (state: QueryState<LiveFrame>) => void;

export interface Subscription {
  readonly id: number;
  readonly expr: string;
  readonly stepMs: number;
  readonly windowMs: number;
}

interface Entry extends Subscription {
  readonly listener: LiveListener;
  held: Held | null;
  /** Points mean nothing until the snapshot that was asked for has come. */
  waiting: boolean;
}

interface Watch {
  readonly names: Map<number, Labels>;
  readonly ids: Set<number>;
}

/** What this tab watches, and what it holds of it. Knows messages, but no connection. */
export class Subscriptions {
  private nextId = 1;
  private readonly entries = new Map<number, Entry>();
  private readonly watches = new Map<number, Watch>();

  add(expr: string, stepMs: number, windowMs: number, listener: LiveListener): Subscription {
    const entry: Entry = { id: this.nextId++, expr, stepMs, windowMs, listener, held: null, waiting: true };
    this.entries.set(entry.id, entry);
    return entry;
  }

  remove(id: number): void {
    this.entries.delete(id);
    for (const [number, watch] of this.watches) {
      if (watch.ids.delete(id) && watch.ids.size === 0) this.watches.delete(number);
    }
  }

  all(): Iterable<Subscription> {
    return this.entries.values();
  }

  /** The connection is gone: its watches mean nothing any more, what is held stays until the next snapshot. */
  disconnected(): void {
    this.watches.clear();
    for (const entry of this.entries.values()) entry.waiting = true;
  }

  /** The server answered id with its watch. */
  subscribed(id: number, number: number): void {
    if (!this.entries.has(id)) return;
    const watch = this.watches.get(number) ?? { names: new Map<number, Labels>(), ids: new Set<number>() };
    watch.ids.add(id);
    this.watches.set(number, watch);
  }

  refused(id: number, error: QueryError): void {
    this.entries.get(id)?.listener({ status: "failed", error });
  }

  /** Takes one update; returns the subscriptions that need a fresh snapshot. */
  apply(update: Update): readonly number[] {
    const watch = this.watches.get(update.watch);
    if (!watch) return [];
    if (update.kind === "failed") {
      for (const entry of this.of(watch)) {
        if (update.id === null || update.id === entry.id) this.fail(entry, update.error);
      }
      return [];
    }
    for (const { s, labels } of update.series) if (labels) watch.names.set(s, labels);
    if (update.kind === "snapshot") {
      const entry = this.entries.get(update.id);
      if (entry) this.hold(entry, fromSnapshot(update));
      return [];
    }
    const torn: number[] = [];
    for (const entry of this.of(watch)) {
      if (entry.held === null || entry.waiting) continue;
      const held = withPoints(entry.held, update, watch.names, entry.windowMs);
      if (held) {
        this.hold(entry, held);
      } else {
        entry.waiting = true;
        torn.push(entry.id);
      }
    }
    return torn;
  }

  private of(watch: Watch): Entry[] {
    return [...watch.ids].flatMap((id) => this.entries.get(id) ?? []);
  }

  private hold(entry: Entry, held: Held): void {
    entry.held = held;
    entry.waiting = false;
    entry.listener({ status: "ready", data: held.frame, error: null });
  }

  private fail(entry: Entry, error: QueryError): void {
    const held = entry.held;
    entry.listener(held ? { status: "ready", data: held.frame, error } : { status: "failed", error });
  }
}
