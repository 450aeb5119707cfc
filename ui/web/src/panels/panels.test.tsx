import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeSocket } from "../testing/fakeSocket";
import { hello, renderPage, snapshotOf, type Played } from "../testing/page";
import { GaugePanel } from "./GaugePanel";
import { StatPanel } from "./StatPanel";
import { TimeSeriesPanel } from "./TimeSeriesPanel";

const query = { expr: "up", name: (labels: Readonly<Record<string, string>>) => labels.job ?? "all" };
let page: Played | null = null;

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
});
afterEach(() => {
  page?.stop();
  vi.useRealTimers();
});

const user = () => userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });

describe("a panel", () => {
  it("is loading until its first snapshot", () => {
    page = renderPage(<TimeSeriesPanel title="Load" queries={[query]} unit="load" />);
    expect(screen.getByRole("status", { name: "Loading" })).toBeTruthy();
    const now = Date.now();
    page.say(hello(now), ...snapshotOf(1, now, [1, 2, 3], { job: "shop" }));
    expect(screen.queryByRole("status", { name: "Loading" })).toBeNull();
    expect(screen.getByRole("group", { name: "Load: shop" })).toBeTruthy();
    expect(screen.getByText("1 s ago")).toBeTruthy();
  });

  it("draws what it is asked for after it had nothing to ask", () => {
    function Grown() {
      const [asked, setAsked] = useState(false);
      return (
        <>
          <button onClick={() => setAsked(true)}>Ask</button>
          <TimeSeriesPanel title="Load" queries={asked ? [query] : []} unit="load" />
        </>
      );
    }
    page = renderPage(<Grown />);
    const now = Date.now();
    page.say(hello(now));
    act(() => screen.getByRole("button", { name: "Ask" }).click());
    page.say(...snapshotOf(1, now, [1, 2, 3], { job: "shop" }));
    expect(screen.getByRole("group", { name: "Load: shop" })).toBeTruthy();
  });

  it("says what is wrong with its expression, where it never had data", () => {
    page = renderPage(<TimeSeriesPanel title="Load" queries={[query]} unit="load" />);
    page.say(hello(Date.now()), { type: "refused", id: 1, error: { kind: "parse", message: "unclosed left parenthesis", start: 4, end: 5 } });
    const alert = screen.getByRole("alert");
    expect(within(alert).getByText("The expression cannot be read")).toBeTruthy();
    expect(within(alert).getByText("unclosed left parenthesis")).toBeTruthy();
  });

  it("keeps its data when an evaluation fails, and says so", () => {
    page = renderPage(<TimeSeriesPanel title="Load" queries={[query]} unit="load" />);
    const now = Date.now();
    page.say(hello(now), ...snapshotOf(1, now, [1, 2, 3], { job: "shop" }), {
      type: "frame", now_ms: now, updates: [{ watch: 101, kind: "failed", error: { kind: "timeout", message: "too slow" } }],
    });
    expect(screen.getByRole("group", { name: "Load: shop" })).toBeTruthy();
    expect(screen.getByText("the query took too long")).toBeTruthy();
  });

  it("says that there is nothing, and nothing else", () => {
    page = renderPage(<TimeSeriesPanel title="Load" queries={[query]} unit="load" empty="This machine does not tell." />);
    const now = Date.now();
    page.say(hello(now), ...snapshotOf(1, now, [null, null]).map((message) => JSON.parse(JSON.stringify(message).replace(/"series":\[.*?\],"warn/, '"series":[],"warn')) as unknown));
    expect(screen.getByText("This machine does not tell.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Show data: Load" })).toBeNull();
  });

  it("is stale past two intervals, by the server's clock", () => {
    page = renderPage(<TimeSeriesPanel title="Load" queries={[query]} unit="load" />);
    const server = Date.now() - 86_400_000; // the browser is a day ahead
    page.say(hello(server), ...snapshotOf(1, server, [1, 2, 3], { job: "shop" }, server - 1500));
    expect(screen.getByText("1 s ago")).toBeTruthy();
    page.say({ type: "frame", now_ms: server + 36_900, updates: [] });
    expect(screen.getByText("stale 38 s")).toBeTruthy();
  });

  it("says until when its data goes while the connection is lost", () => {
    page = renderPage(<TimeSeriesPanel title="Load" queries={[query]} unit="load" />);
    const now = Date.now();
    page.say(hello(now), ...snapshotOf(1, now, [1, 2, 3], { job: "shop" }));
    page.drop();
    expect(screen.getByText(/^until \d\d:\d\d:\d\d$/)).toBeTruthy();
    expect(screen.getByRole("group", { name: "Load: shop" })).toBeTruthy();
  });

  it("shows all of its data as a table, newest step first, gaps empty, odd numbers as they are", async () => {
    page = renderPage(<TimeSeriesPanel title="Load" queries={[query]} unit="load" />);
    const now = Math.floor(Date.now() / 1000) * 1000;
    page.say(hello(now), ...snapshotOf(1, now, [0.123456789, null, "NaN", "+Inf"], { job: "<b>shop</b>" }));
    await user().click(screen.getByRole("button", { name: "Show data: Load" }));
    const table = within(screen.getByRole("region", { name: "Data of Load" })).getByRole("table");
    expect(within(table).getByRole("columnheader", { name: "<b>shop</b>" })).toBeTruthy();
    const cells = within(table).getAllByRole("cell");
    expect(cells.map((cell) => cell.textContent)).toEqual(["+Inf", "NaN", "", "0.123"]);
    expect(cells.map((cell) => cell.getAttribute("data-value"))).toEqual(["+Inf", "NaN", "", "0.123456789"]);
    expect(cells[3]!.title).toBe("0.123456789");
  });

  it("writes each column of its table in its own unit", async () => {
    page = renderPage(<TimeSeriesPanel title="Memory" queries={[{ ...query, unit: "bytes" }]} unit="ratio" />);
    const now = Math.floor(Date.now() / 1000) * 1000;
    page.say(hello(now), ...snapshotOf(1, now, [8_123_456_789], { job: "shop" }));
    await user().click(screen.getByRole("button", { name: "Show data: Memory" }));
    expect(screen.getByRole("cell").textContent).toBe("7.57\u00a0GiB");
    expect(screen.getByRole("cell").getAttribute("data-value")).toBe("8123456789");
  });

  it("closes its table with Escape and gives the focus back, unless the chart lets go first", async () => {
    page = renderPage(<TimeSeriesPanel title="Load" queries={[query]} unit="load" />);
    const now = Math.floor(Date.now() / 1000) * 1000;
    page.say(hello(now), ...snapshotOf(1, now, [1, 2], { job: "shop" }));
    const keys = user();
    const toggle = screen.getByRole("button", { name: "Show data: Load" });
    await keys.click(toggle);
    screen.getByRole("group", { name: "Load: shop" }).focus();
    await keys.keyboard("{ArrowLeft}{Escape}");
    expect(toggle.getAttribute("aria-expanded")).toBe("true");
    screen.getByRole("region", { name: "Data of Load" }).focus();
    await keys.keyboard("{Escape}");
    expect(toggle.getAttribute("aria-expanded")).toBe("false");
    expect(document.activeElement).toBe(toggle);
  });

  it("lists twelve of many series and offers the others", async () => {
    page = renderPage(<TimeSeriesPanel title="Load" queries={[query]} unit="load" />);
    const now = Math.floor(Date.now() / 1000) * 1000;
    const [subscribed, frame] = snapshotOf(1, now, [1]) as [unknown, { updates: { series: unknown[] }[] }];
    frame.updates[0]!.series = Array.from({ length: 150 }, (_, s) => ({ s, labels: { job: `job-${s}-${"w".repeat(200)}` }, v: [s] }));
    page.say(hello(now), subscribed, frame);
    expect(screen.getByText("40 of 150 series drawn")).toBeTruthy();
    const legend = screen.getByRole("list", { name: "Series" });
    expect(within(legend).getAllByRole("listitem")).toHaveLength(13);
    await user().click(within(legend).getByRole("button", { name: "and 138 more" }));
    expect(within(legend).getAllByRole("listitem")).toHaveLength(150);
  });

  it("is operated with the keyboard", async () => {
    const zooms: [number, number][] = [];
    let resets = 0;
    page = renderPage(<TimeSeriesPanel title="Load" queries={[query]} unit="load" />, {
      zoomTo: (from, to) => zooms.push([from, to]),
      goLive: () => resets++,
    });
    const now = Math.floor(Date.now() / 1000) * 1000;
    page.say(hello(now), ...snapshotOf(1, now, [7, 8, 9], { job: "shop" }));
    screen.getByRole("group", { name: "Load: shop" }).focus();
    const keys = user();
    await keys.keyboard("{ArrowLeft}{ArrowLeft}");
    expect(screen.getByText(/^\d\d:\d\d:\d\d: shop 8$/)).toBeTruthy();
    await keys.keyboard("+0");
    expect(zooms).toHaveLength(1);
    expect(zooms[0]![1] - zooms[0]![0]).toBe(5000);
    expect(resets).toBe(1);
  });
});

describe("a stat", () => {
  it("is the newest number with its unit", () => {
    page = renderPage(<StatPanel title="Processor" queries={[query]} unit="ratio" detail={() => "2 processors"} />);
    const now = Date.now();
    page.say(hello(now), ...snapshotOf(1, now, [0.1, 0.4213, null]));
    expect(screen.getByText("42.1")).toBeTruthy();
    expect(screen.getByText("%")).toBeTruthy();
    expect(screen.getByText("2 processors")).toBeTruthy();
  });
});

describe("a gauge", () => {
  it.each([
    [0.5, null],
    [0.9, "high"],
    [0.99, "very high"],
  ])("at %d says %s", (share, word) => {
    page = renderPage(<GaugePanel title="Memory" queries={[query]} limits={[0.85, 0.95]} />);
    const now = Date.now();
    page.say(hello(now), ...snapshotOf(1, now, [share]));
    for (const other of ["high", "very high"]) {
      expect(screen.queryByText(other) !== null).toBe(other === word);
    }
  });
});
