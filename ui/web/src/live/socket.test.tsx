import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { QueryState } from "../api/types";
import { status } from "../testing/documents";
import { FakeSocket } from "../testing/fakeSocket";
import { golden } from "../testing/golden";
import type { LiveFrame } from "./frame";
import { LiveClient, protocol } from "./socket";

const epoch = 1_790_000_000_000;
const hello = (over = {}) => ({ type: "hello", protocol, build: "b1", instance: "i1", now_ms: epoch, ...over });
const subscribed = (id: number, watch: number) => ({
  type: "subscribed", id, watch, expr: "up", step_ms: 1000, window_ms: 10_000, incremental: true,
});
const span = (from: number, v: unknown[]) => ({
  from_ms: epoch + from, to_ms: epoch + from + (v.length - 1) * 1000, step_ms: 1000, fed_ms: epoch + from, interval_ms: 1000,
});
const snapshot = (watch: number, id: number, from: number, v: unknown[], labels = {}) => ({
  watch, kind: "snapshot", id, ...span(from, v), series: [{ s: 0, labels, v }], warnings: [], infos: [], lost: 0,
});
const points = (watch: number, from: number, v: unknown[], s = 0) => ({ watch, kind: "points", ...span(from, v), series: [{ s, v }] });
const frame = (...updates: unknown[]) => ({ type: "frame", now_ms: epoch, updates });

let stop: () => void = () => undefined;
let visible: DocumentVisibilityState = "visible";

function connect(over = {}): LiveClient {
  const live = new LiveClient({
    url: "ws://test/live", build: "b1", fetchStatus: () => Promise.reject(new Error("away")), random: () => 1, ...over,
  });
  stop = live.start();
  return live;
}

function show(state: DocumentVisibilityState): void {
  visible = state;
  document.dispatchEvent(new Event("visibilitychange"));
}

function values(states: QueryState<LiveFrame>[]): unknown {
  const last = states.at(-1);
  return last?.status === "ready" ? last.data.series.map((one) => one.values) : last;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visible);
  visible = "visible";
  FakeSocket.all = [];
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("a connection", () => {
  it("offers its protocol, waits for hello, then asks for topics and panels", () => {
    const live = connect();
    live.subscribe("up", 1000, 10_000, () => undefined);
    expect(FakeSocket.newest.protocol).toBe("daymark.live.v1");
    expect(FakeSocket.newest.sent).toEqual([]);
    expect(live.getConnection()).toEqual({ status: "connecting" });
    FakeSocket.newest.say(hello());
    expect(FakeSocket.newest.sent).toEqual([
      { type: "topics", topics: ["status", "alerts", "targets", "exporters"] },
      { type: "subscribe", id: 1, expr: "up", step_ms: 1000, window_ms: 10_000 },
    ]);
    expect(live.getConnection()).toEqual({ status: "live" });
  });

  it("hands on whole documents", () => {
    const live = connect();
    FakeSocket.newest.say(hello());
    FakeSocket.newest.say(JSON.parse(golden("live-topic")));
    expect(live.getTopic("alerts")).toMatchObject({ body: { firing: 0, alerts: [] } });
  });

  it("tells the server's time, not its own", () => {
    const live = connect();
    FakeSocket.newest.say(hello({ now_ms: epoch }));
    vi.advanceTimersByTime(5000);
    expect(live.clock.now()).toBe(epoch + 5000);
  });
});

describe("a subscription", () => {
  const follow = () => {
    const live = connect();
    const states: QueryState<LiveFrame>[] = [];
    const end = live.subscribe("up", 1000, 4000, (state) => states.push(state));
    FakeSocket.newest.say(hello());
    FakeSocket.newest.say(subscribed(1, 7));
    return { live, states, end };
  };

  it("holds a snapshot, then points, then corrections", () => {
    const { states } = follow();
    FakeSocket.newest.say(frame(snapshot(7, 1, 0, [1, 2, 3])));
    FakeSocket.newest.say(frame(points(7, 3000, [4])));
    expect(values(states)).toEqual([[1, 2, 3, 4]]);
    FakeSocket.newest.say(frame(points(7, 1000, [20, null])));
    expect(values(states)).toEqual([[1, 20, null, 4]]);
  });

  it("asks for a snapshot when points cannot be joined, and takes none until it comes", () => {
    const { states } = follow();
    FakeSocket.newest.say(frame(snapshot(7, 1, 0, [1, 2])));
    FakeSocket.newest.say(frame(points(7, 9000, [9])));
    expect(FakeSocket.newest.sent.at(-1)).toEqual({ type: "resync", id: 1 });
    FakeSocket.newest.say(frame(points(7, 2000, [3])));
    expect(values(states)).toEqual([[1, 2]]);
    FakeSocket.newest.say(frame(snapshot(7, 1, 8000, [8, 9])));
    FakeSocket.newest.say(frame(points(7, 10_000, [10])));
    expect(values(states)).toEqual([[8, 9, 10]]);
  });

  it("keeps its points when an evaluation fails, and recovers", () => {
    const { states } = follow();
    FakeSocket.newest.say(frame(snapshot(7, 1, 0, [1])));
    const error = { kind: "timeout", message: "too slow" };
    FakeSocket.newest.say(frame({ watch: 7, kind: "failed", error }));
    expect(states.at(-1)).toMatchObject({ status: "ready", error });
    FakeSocket.newest.say(frame(points(7, 1000, [2])));
    expect(states.at(-1)).toMatchObject({ status: "ready", error: null });
  });

  it("fails where it never had points", () => {
    const { states } = follow();
    FakeSocket.newest.say(frame({ watch: 7, kind: "failed", error: { kind: "unavailable", message: "loading" } }));
    expect(states.at(-1)).toMatchObject({ status: "failed", error: { kind: "unavailable" } });
  });

  it("takes a failure that names another subscription of the watch as that one's alone", () => {
    const { states } = follow();
    FakeSocket.newest.say(frame(snapshot(7, 1, 0, [1])));
    FakeSocket.newest.say(frame({ watch: 7, kind: "failed", id: 2, error: { kind: "timeout", message: "too slow" } }));
    expect(states.at(-1)).toMatchObject({ status: "ready", error: null });
    FakeSocket.newest.say(frame({ watch: 7, kind: "failed", id: 1, error: { kind: "timeout", message: "too slow" } }));
    expect(states.at(-1)).toMatchObject({ status: "ready", error: { kind: "timeout" } });
  });

  it("is over when it is refused", () => {
    const { states } = follow();
    FakeSocket.newest.say(JSON.parse(golden("live-refused")));
    expect(states.at(-1)).toMatchObject({ status: "failed", error: { kind: "parse", start: 4 } });
  });

  it("shares a watch with another of this tab", () => {
    const { live, states } = follow();
    const others: QueryState<LiveFrame>[] = [];
    live.subscribe("up", 1000, 2000, (state) => others.push(state));
    FakeSocket.newest.say(subscribed(2, 7));
    FakeSocket.newest.say(frame(snapshot(7, 1, 0, [1, 2, 3]), snapshot(7, 2, 1000, [2, 3]), points(7, 3000, [4])));
    expect(values(states)).toEqual([[1, 2, 3, 4]]);
    expect(values(others)).toEqual([[3, 4]]);
  });

  it("says when it ends, and hears no more", () => {
    const { states, end } = follow();
    end();
    expect(FakeSocket.newest.sent.at(-1)).toEqual({ type: "unsubscribe", id: 1 });
    FakeSocket.newest.say(frame(snapshot(7, 1, 0, [1])));
    expect(states).toEqual([]);
  });
});

describe("a connection that is lost", () => {
  it("comes back with growing patience, and subscribes anew", () => {
    const live = connect();
    const states: QueryState<LiveFrame>[] = [];
    live.subscribe("up", 1000, 10_000, (state) => states.push(state));
    FakeSocket.newest.say(hello());
    FakeSocket.newest.say(subscribed(1, 7));
    FakeSocket.newest.say(frame(snapshot(7, 1, 0, [1, 2])));
    FakeSocket.newest.drop();
    expect(live.getConnection()).toEqual({ status: "lost", untilMs: epoch });

    for (const wait of [500, 1000, 2000, 4000, 8000]) {
      const before = FakeSocket.all.length;
      vi.advanceTimersByTime(wait - 1);
      expect(FakeSocket.all.length).toBe(before);
      vi.advanceTimersByTime(1);
      expect(FakeSocket.all.length).toBe(before + 1);
      if (wait < 8000) FakeSocket.newest.drop();
    }

    FakeSocket.newest.say(hello({ instance: "i2" }));
    expect(FakeSocket.newest.sent.at(-1)).toMatchObject({ type: "subscribe", id: 1, expr: "up" });
    // What was held stays until the snapshot replaces it whole, under another number.
    expect(values(states)).toEqual([[1, 2]]);
    FakeSocket.newest.say(subscribed(1, 3));
    FakeSocket.newest.say(frame(points(3, 60_000, [99])));
    expect(values(states)).toEqual([[1, 2]]);
    FakeSocket.newest.say(frame(snapshot(3, 1, 50_000, [5, 6])));
    expect(values(states)).toEqual([[5, 6]]);
  });

  it("is noticed after ten seconds of silence", () => {
    const live = connect();
    FakeSocket.newest.say(hello());
    vi.advanceTimersByTime(9000);
    FakeSocket.newest.say(frame());
    vi.advanceTimersByTime(9999);
    expect(live.getConnection().status).toBe("live");
    vi.advanceTimersByTime(1);
    expect(live.getConnection().status).toBe("lost");
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("is expected after bye", () => {
    const live = connect();
    FakeSocket.newest.say(hello());
    FakeSocket.newest.say(JSON.parse(golden("live-bye")));
    expect(live.getConnection().status).toBe("lost");
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("is tried at once when the browser is online again", () => {
    connect();
    FakeSocket.newest.drop();
    vi.advanceTimersByTime(500);
    FakeSocket.newest.drop();
    window.dispatchEvent(new Event("online"));
    expect(FakeSocket.all).toHaveLength(3);
  });
});

describe("a tab that is not seen", () => {
  it("lets go after a minute and is back at once when it is shown", () => {
    const live = connect();
    FakeSocket.newest.say(hello());
    const beat = setInterval(() => FakeSocket.newest.say(frame()), 1000);
    show("hidden");
    vi.advanceTimersByTime(59_999);
    expect(live.getConnection().status).toBe("live");
    vi.advanceTimersByTime(1);
    clearInterval(beat);
    expect(live.getConnection()).toEqual({ status: "paused", untilMs: epoch });
    expect(FakeSocket.newest.readyState).toBe(3);
    vi.advanceTimersByTime(3_600_000);
    expect(FakeSocket.all).toHaveLength(1);
    window.dispatchEvent(new Event("online"));
    expect(FakeSocket.all).toHaveLength(1);
    show("visible");
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("keeps its connection when it comes back within the minute", () => {
    connect();
    FakeSocket.newest.say(hello());
    show("hidden");
    vi.advanceTimersByTime(5000);
    FakeSocket.newest.say(frame());
    show("visible");
    vi.advanceTimersByTime(5000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("does not trust a connection that slept with it", () => {
    const live = connect();
    FakeSocket.newest.say(hello());
    // Asleep, no timer runs; awake, the clock has jumped.
    vi.setSystemTime(Date.now() + 3_600_000);
    show("visible");
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.newest.say(hello({ now_ms: epoch + 3_600_000 }));
    expect(live.getConnection().status).toBe("live");
  });
});

describe("an outdated tab", () => {
  it("is told by another build in hello", () => {
    const live = connect();
    FakeSocket.newest.say(hello({ build: "b2" }));
    expect(live.getOutdated()).toBe("build");
    expect(live.getConnection().status).toBe("live");
  });

  it("is told by the status when its protocol is refused", async () => {
    const live = connect({ fetchStatus: () => Promise.resolve({ ...status, build: "b1", protocol: "daymark.live.v2" }) });
    FakeSocket.newest.drop();
    await vi.advanceTimersByTimeAsync(0);
    expect(live.getOutdated()).toBe("protocol");
  });

  it("is told by a message that it misreads", () => {
    const live = connect();
    FakeSocket.newest.say(hello());
    FakeSocket.newest.say({ type: "frame", now: "noon" });
    expect(live.getOutdated()).toBe("protocol");
  });

  it("is no tab whose server is merely away", async () => {
    const live = connect();
    FakeSocket.newest.drop();
    await vi.advanceTimersByTimeAsync(0);
    expect(live.getOutdated()).toBeNull();
  });
});
