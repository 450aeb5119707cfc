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

  it("shows this machine where it is watched, and that alerts are sent to nobody", () => {
    say(document("status"), calm, document("targets"));
    expect(screen.getByRole("heading", { name: "This machine" })).toBeTruthy();
    expect(screen.getByText("web-1")).toBeTruthy();
    expect(screen.getByText("Alerts are sent to nobody yet.")).toBeTruthy();
    expect(screen.queryByText("This machine itself is not watched.")).toBeNull();
  });

  it("shows the jobs where it is not, and how to add it", async () => {
    say(document("status", (body) => Object.assign(body, { host: false, config_file: "prometheus.yml" })), calm, document("targets"));
    expect(screen.getByRole("heading", { name: "Jobs" })).toBeTruthy();
    expect(screen.queryByRole("heading", { name: "This machine" })).toBeNull();
    const how = screen.getByRole("button", { name: "How to add it" });
    expect(how.getAttribute("aria-expanded")).toBe("false");
    await userEvent.click(how);
    expect(screen.getByLabelText("The line that adds this machine").textContent).toBe("host: true");
    await userEvent.keyboard("{Escape}");
    expect(how.getAttribute("aria-expanded")).toBe("false");
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
    expect(within(second!).getByText(/^Silenced .* Nobody is paged\.$/)).toBeTruthy();
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

  it("tells who silences an alert, until when and why", () => {
    say(
      document("status"),
      document("alerts", (body) => {
        const [, second] = body.alerts as Record<string, unknown>[];
        const silence = { id: "s1", created_by: "anna", comment: "scaling <b>up</b>", ends_ms: now + 3_600_000 };
        body.alerts = [{ ...second, silenced_by: ["s1"], silences: [silence] }, { ...second, fingerprint: "2", silenced_by: ["s2"], silences: undefined }];
      }),
      document("targets"),
    );
    expect(screen.getByText(/^Silenced until .*\d\d:\d\d by anna: "scaling <b>up<\/b>"\. Nobody is paged\.$/)).toBeTruthy();
    expect(screen.getByText("Silenced by s2. Nobody is paged.")).toBeTruthy();
  });

  it("shows eight of many labels and offers the others", async () => {
    say(
      document("status"),
      document("alerts", (body) => {
        const [first] = body.alerts as Record<string, unknown>[];
        body.alerts = [{ ...first, labels: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`l${i}`, long])) }];
      }),
      document("targets"),
    );
    const listed = () => within(screen.getByRole("list", { name: "Labels" })).getAllByText(/^l\d+="/).length;
    expect(listed()).toBe(8);
    const more = screen.getByRole("button", { name: "and 22 more" });
    expect(more.getAttribute("aria-expanded")).toBe("false");
    await userEvent.click(more);
    expect(listed()).toBe(30);
    await userEvent.click(screen.getByRole("button", { name: "fewer" }));
    expect(listed()).toBe(8);
  });

  it("cuts a long text and offers the rest, and offers nothing where it fits", async () => {
    const fits = vi.spyOn(HTMLElement.prototype, "scrollHeight", "get").mockReturnValue(0);
    say(document("status"), document("alerts"), document("targets"));
    expect(screen.queryByRole("button", { name: "more" })).toBeNull();
    fits.mockImplementation(function (this: HTMLElement) {
      return this.textContent.startsWith("endless") ? 400 : 0;
    });
    say(
      document("alerts", (body) => {
        const [first] = body.alerts as Record<string, unknown>[];
        body.alerts = [{ ...first, summary: `endless ${long}` }];
      }),
    );
    const more = screen.getByRole("button", { name: "more" });
    expect(more.getAttribute("aria-expanded")).toBe("false");
    more.focus();
    await userEvent.keyboard("{Enter}");
    expect(screen.getByRole("button", { name: "less" }).getAttribute("aria-expanded")).toBe("true");
    fits.mockRestore();
  });

  it("tells a screen reader the state without what changes every second", () => {
    say(document("status"), calm, document("targets"));
    const spoken = screen.getAllByRole("status").find((element) => element.getAttribute("aria-live") === "polite");
    expect(spoken?.textContent).toBe("1 of 3 targets down, 1 not scraped yet. Nothing firing.");
  });
});
