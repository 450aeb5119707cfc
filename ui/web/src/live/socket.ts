import { readServerMessage } from "../api/messages";
import type { ClientMessage, ServerMessage, Status, Topic, TopicName } from "../api/types";
import { backoffMs } from "./backoff";
import { ServerClock } from "./serverClock";
import { Subscriptions, type LiveListener, type Subscription } from "./subscriptions";

/** The protocol that this build speaks. */
export const protocol = "daymark.live.v1";

const silenceMs = 10_000;
const hiddenMs = 60_000;

/** Where the connection stands. untilMs: the newest moment of the server that was heard of, 0 if none. */
export type Connection =
  | { readonly status: "connecting" }
  | { readonly status: "live" }
  | { readonly status: "lost"; readonly untilMs: number }
  | { readonly status: "paused"; readonly untilMs: number };

/** Why this tab should be loaded anew. */
export type Outdated = "build" | "protocol" | "chunk";

export interface LiveOptions {
  url: string;
  /** The build of the UI that this tab runs; "dev" is never outdated. */
  build: string;
  /** Asked when a connection is refused, to learn whether this tab is too old. */
  fetchStatus: () => Promise<Status>;
  random?: () => number;
}

/**
 * The tab's one connection to the server. It reconnects by itself, subscribes again, and tells each
 * subscriber what it now holds; it knows nothing of React.
 */
export class LiveClient {
  readonly clock = new ServerClock();
  private readonly options: LiveOptions;
  private socket: WebSocket | null = null;
  private greeted = false;
  private failures = 0;
  private heardAt = 0;
  private lastNowMs = 0;
  private newestFedMs = 0;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private hide: ReturnType<typeof setTimeout> | undefined;
  private readonly subscriptions = new Subscriptions();
  private readonly topics = new Map<TopicName, Topic>();
  private readonly listeners = new Set<() => void>();
  private readonly ticked = new Set<() => void>();
  private ticker: ReturnType<typeof setInterval> | undefined;
  private connection: Connection = { status: "connecting" };
  private outdated: Outdated | null = null;

  constructor(options: LiveOptions) {
    this.options = options;
  }

  /** Connects, and follows the browser's news until the returned function is called. */
  start(): () => void {
    const shown = () => this.visibilityChanged();
    const online = () => {
      if (this.connection.status !== "paused") this.wake();
    };
    document.addEventListener("visibilitychange", shown);
    window.addEventListener("pageshow", shown);
    window.addEventListener("online", online);
    this.connect();
    return () => {
      document.removeEventListener("visibilitychange", shown);
      window.removeEventListener("pageshow", shown);
      window.removeEventListener("online", online);
      clearTimeout(this.hide);
      clearTimeout(this.retry);
      this.drop();
    };
  }

  /** Watches expr until the returned function is called. listener hears of every change. */
  subscribe(expr: string, stepMs: number, windowMs: number, listener: LiveListener): () => void {
    const subscription = this.subscriptions.add(expr, stepMs, windowMs, listener);
    this.sendSubscribe(subscription);
    return () => {
      this.subscriptions.remove(subscription.id);
      this.send({ type: "unsubscribe", id: subscription.id });
    };
  }

  /** Hears of every change of the connection, of the topics and of the server's clock (once a second). */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Hears of every second that passes, all listeners at once: hundreds of ages on a page are drawn in one go. */
  tick(listener: () => void): () => void {
    this.ticked.add(listener);
    this.ticker ??= setInterval(() => {
      for (const one of this.ticked) one();
    }, 1000);
    return () => {
      this.ticked.delete(listener);
      if (this.ticked.size > 0) return;
      clearInterval(this.ticker);
      this.ticker = undefined;
    };
  }

  /** The newest commit that fed anything this tab watches, on the server's clock; 0 before the first. */
  getNewestFed = (): number => this.newestFedMs;
  getConnection = (): Connection => this.connection;
  getOutdated = (): Outdated | null => this.outdated;
  getTopic = (name: TopicName): Topic | undefined => this.topics.get(name);

  /** Marks this tab as too old for the server. */
  setOutdated(reason: Outdated): void {
    if (this.outdated !== null) return;
    this.outdated = reason;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  private setConnection(connection: Connection): void {
    this.connection = connection;
    this.tell();
  }

  private connect(): void {
    clearTimeout(this.retry);
    const socket = new WebSocket(this.options.url, protocol);
    this.socket = socket;
    this.greeted = false;
    this.hush();
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (socket === this.socket && typeof event.data === "string") this.receive(event.data);
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
  }

  /** Starts the wait for the next sign of life anew. */
  private hush(): void {
    this.heardAt = Date.now();
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(), silenceMs);
  }

  /** Lets go of the socket without hearing of its end. */
  private drop(): void {
    clearTimeout(this.silence);
    const socket = this.socket;
    this.socket = null;
    this.subscriptions.disconnected();
    socket?.close(1000);
  }

  private lost(): void {
    const refused = !this.greeted;
    this.drop();
    this.setConnection(
      this.lastNowMs === 0 && this.failures === 0
        ? { status: "connecting" }
        : { status: "lost", untilMs: this.lastNowMs },
    );
    this.retry = setTimeout(() => this.connect(), backoffMs(this.failures, this.options.random ?? Math.random));
    this.failures++;
    if (refused) void this.askWhy();
  }

  /** A refused connection says nothing to a browser; the status does. */
  private async askWhy(): Promise<void> {
    try {
      const status = await this.options.fetchStatus();
      if (status.protocol !== protocol) this.setOutdated("protocol");
      else this.compareBuild(status.build);
    } catch {
      // Not there either: the next attempt tells.
    }
  }

  private compareBuild(build: string): void {
    if (this.options.build !== "dev" && build !== this.options.build) this.setOutdated("build");
  }

  private visibilityChanged(): void {
    clearTimeout(this.hide);
    if (document.visibilityState === "hidden") {
      this.hide = setTimeout(() => {
        clearTimeout(this.retry);
        this.drop();
        this.setConnection({ status: "paused", untilMs: this.lastNowMs });
      }, hiddenMs);
      return;
    }
    this.wake();
  }

  /** Connects at once where no living connection stands: after sleep, after a hidden hour, back online. */
  private wake(): void {
    if (this.socket !== null && Date.now() - this.heardAt < silenceMs) return;
    this.drop();
    this.failures = 0;
    this.connect();
  }

  private send(message: ClientMessage): void {
    if (this.greeted && this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private sendSubscribe({ id, expr, stepMs, windowMs }: Subscription): void {
    this.send({ type: "subscribe", id, expr, step_ms: stepMs, window_ms: windowMs });
  }

  private receive(data: string): void {
    this.hush();
    let message: ServerMessage | null;
    try {
      message = readServerMessage(data);
    } catch {
      // A server that this build misreads is a newer one.
      this.setOutdated("protocol");
      return;
    }
    if (message !== null) this.handle(message);
  }

  private handle(message: ServerMessage): void {
    switch (message.type) {
      case "hello":
        this.greeted = true;
        this.failures = 0;
        this.clock.reset();
        this.observe(message.nowMs);
        this.compareBuild(message.build);
        this.send({ type: "topics", topics: ["status", "alerts", "targets", "exporters"] });
        for (const one of this.subscriptions.all()) this.sendSubscribe(one);
        this.setConnection({ status: "live" });
        return;
      case "subscribed":
        this.subscriptions.subscribed(message.id, message.watch);
        return;
      case "refused":
        this.subscriptions.refused(message.id, message.error);
        return;
      case "frame":
        this.observe(message.nowMs);
        for (const update of message.updates) {
          if (update.kind !== "failed") this.newestFedMs = Math.max(this.newestFedMs, update.fedMs);
          for (const id of this.subscriptions.apply(update)) this.send({ type: "resync", id });
        }
        this.tell();
        return;
      case "topic":
        this.topics.set(message.topic, message);
        this.tell();
        return;
      case "bye":
        this.lost();
        return;
      default:
        message satisfies never;
    }
  }

  private observe(nowMs: number): void {
    this.lastNowMs = nowMs;
    this.clock.observe(nowMs);
  }
}
