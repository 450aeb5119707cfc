/** The moment that every panel of a page points at. */
export class CursorStore {
  private ms: number | null = null;
  private readonly listeners = new Set<() => void>();

  get = (): number | null => this.ms;

  set(ms: number | null): void {
    if (ms === this.ms) return;
    this.ms = ms;
    for (const listener of this.listeners) listener();
  }

  listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}
