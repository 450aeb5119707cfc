const remembered = 10;

/**
 * The server's clock as seen from here. Each message says what time it was when it was sent; the least
 * delayed of the last few tells the difference best.
 */
export class ServerClock {
  private offsets: number[] = [];
  private readonly here: () => number;

  constructor(here: () => number = () => Date.now()) {
    this.here = here;
  }

  observe(serverMs: number): void {
    this.offsets.push(serverMs - this.here());
    if (this.offsets.length > remembered) this.offsets.shift();
  }

  /** Forgets what was seen: after a reconnection the clocks may have been set. */
  reset(): void {
    this.offsets = [];
  }

  /** Now, on the server's clock; on this one before the first message. */
  now(): number {
    return this.here() + (this.offsets.length > 0 ? Math.max(...this.offsets) : 0);
  }
}
