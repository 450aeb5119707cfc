import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeSocket } from "../../testing/fakeSocket";
import { golden } from "../../testing/golden";
import { hello, renderPage, type Played } from "../../testing/page";
import { OverviewPage } from "./OverviewPage";

const now = 1_790_000_000_000;
const document = (topic: string, change: (body: Record<string, unknown>) => void = () => undefined, name = topic) => {
  const body = JSON.parse(golden(name)) as Record<string, unknown>;
  change(body);
  return { type: "topic", topic, body };
};
const calm = document("alerts", (body) => Object.assign(body, { firing: 0, pending: 0, alerts: [] }));
const long = "w".repeat(200);
const hostile = '<script>alert("x")</script>';

let page: Played | null = null;

beforeEach(() => {
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  page = renderPage(<OverviewPage />);
});
afterEach(() => page?.stop());

const say = (...messages: unknown[]) => page?.say(hello(now), ...messages);

describe("Overview", () => {
  it("is honest before it has heard anything", () => {
    expect(screen.getByText("Connecting to Daymark.", { selector: "strong" })).toBeTruthy();
    expect(screen.queryByText(/Nothing is firing/)).toBeNull();
  });

  it("shows this machine where it is watched, and that pages reach nobody", () => {
    say(document("status"), calm, document("targets"));
    expect(screen.getByRole("heading", { name: "This machine" })).toBeTruthy();
    expect(screen.getByText("web-1")).toBeTruthy();
    expect(screen.getByText("Pages reach nobody yet.")).toBeTruthy();
    expect(screen.queryByText("This machine itself is not watched.")).toBeNull();
  });

  it("shows the jobs where it is not, and how to add it", async () => {
    say(document("status", (body) => Object.assign(body, { host: false, config_file: "prometheus.yml" })), calm, document("targets"));
    expect(screen.getByRole("heading", { name: "Jobs" })).toBeTruthy();
    expect(screen.queryByRole("heading", { name: "This machine" })).toBeNull();
    const how = screen.getByRole("button", { name: "How to add it" });
    expect(how.getAttribute("aria-expanded")).toBe("false");
    await userEvent.click(how);
    expect(screen.getByText("host: true")).toBeTruthy();
  });

  it("tells how far history is loaded, and claims no calm meanwhile", () => {
    say(document("status", () => undefined, "status-loading"), calm, document("targets"));
    expect(screen.getByRole("progressbar", { name: "Loading history" }).getAttribute("aria-valuenow")).toBe("40");
    expect(screen.getByText("Not known until history has been read.")).toBeTruthy();
    expect(screen.queryByText(/Nothing is firing/)).toBeNull();
  });

  it("says which reload failed, and why", () => {
    say(document("status", (body) => Object.assign(body, { last_reload: { ok: false, at_ms: now - 60_000, error: "prometheus.yml:7: unknown key" } })), calm, document("targets"));
    expect(screen.getByText("prometheus.yml:7: unknown key")).toBeTruthy();
  });

  it("says what fires, since when, and where it was sent", () => {
    say(document("status"), document("alerts"), document("targets"));
    const [first, second, third] = within(screen.getByRole("list", { name: "Alerts" })).getAllByRole("listitem").filter((item) => item.hasAttribute("data-state"));
    const one = within(first!);
    expect(one.getByText("PaymentLatencyHigh")).toBeTruthy();
    expect(one.getByText("critical")).toBeTruthy();
    expect(one.getByText("Payments take 2.4 s at the 99th percentile")).toBeTruthy();
    expect(one.getByText("Provider <script>alert(1)</script> answers slowly in EU.")).toBeTruthy();
    expect(one.getByText(/ · 16 min ago$/)).toBeTruthy();
    expect(one.getByText(/Sent to pager \(webhook\) at/)).toBeTruthy();
    expect(one.getByRole("link", { name: "Runbook" }).getAttribute("rel")).toContain("noreferrer");
    expect(within(second!).getByText(/^Silenced by f0e1d2c3.* Nobody is paged\.$/)).toBeTruthy();
    expect(within(third!).getByText("pending, no severity")).toBeTruthy();
  });

  it("says who is down with the whole error", () => {
    say(document("status"), calm, document("targets"));
    const down = within(screen.getByRole("list", { name: "Targets down" }));
    expect(down.getByText("10.0.0.7:9100")).toBeTruthy();
    expect(down.getByText("down, job shop")).toBeTruthy();
    expect(down.getByText('Get "http://10.0.0.7:9100/metrics": context deadline exceeded')).toBeTruthy();
  });

  it("knows what to do without targets", () => {
    say(document("status"), calm, document("targets", (body) => Object.assign(body, { up: 0, down: 0, unknown: 0, pools: [] })));
    expect(screen.getByText(/Daymark looks for exporters on this machine/)).toBeTruthy();
  });

  it("shows ten of many alerts and offers the others", async () => {
    say(
      document("status"),
      document("alerts", (body) => {
        const [first] = body.alerts as Record<string, unknown>[];
        body.alerts = Array.from({ length: 60 }, (_, i) => ({ ...first, fingerprint: String(i), name: `${hostile} ${long} ${i}`, labels: { [`l${i}`]: hostile } }));
        Object.assign(body, { firing: 180, pending: 0, truncated: 120 });
      }),
      document("targets"),
    );
    const items = () => within(screen.getByRole("list", { name: "Alerts" })).getAllByText(new RegExp(`${long} \\d+$`)).length;
    expect(items()).toBe(10);
    await userEvent.click(screen.getByRole("button", { name: "and 170 more" }));
    expect(items()).toBe(60);
    expect(screen.getByText("and 120 more that are not listed")).toBeTruthy();
  });

  it("tells a screen reader the state without what changes every second", () => {
    say(document("status"), calm, document("targets"));
    const spoken = screen.getAllByRole("status").find((element) => element.getAttribute("aria-live") === "polite");
    expect(spoken?.textContent).toBe("1 of 3 targets down, 1 not scraped yet. Nothing firing.");
  });
});
