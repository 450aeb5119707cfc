import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeServer } from "../../testing/fakeServer";
import { FakeSocket } from "../../testing/fakeSocket";
import { golden } from "../../testing/golden";
import { hello, renderPage, type Played } from "../../testing/page";
import { AlertsPage } from "./AlertsPage";

const now = 1_790_000_000_000;
const hostile = '<script>alert("x")</script>';
const topic = (name: string, change: (body: Record<string, unknown>) => void = () => undefined) => {
  const body = JSON.parse(golden(name)) as Record<string, unknown>;
  change(body);
  return { type: "topic", topic: name, body };
};
const iso = (ms: number) => new Date(ms).toISOString();

let page: Played | null = null;
let server: FakeServer;

beforeEach(() => {
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  server = new FakeServer();
  localStorage.clear();
});
afterEach(() => {
  page?.stop();
  window.history.replaceState(null, "", "/");
});

/** Opens the page at path, with alerts and status heard. */
function open(path: string, ...messages: unknown[]): void {
  window.history.replaceState(null, "", path);
  page = renderPage(<AlertsPage />);
  page.say(hello(now), topic("status"), ...(messages.length > 0 ? messages : [topic("alerts")]));
}
const address = () => `${window.location.pathname}${decodeURIComponent(window.location.search)}`;
const field = (name: string) => screen.getByRole("textbox", { name });

describe("Now", () => {
  it("lists by severity, with who was told and what to do", () => {
    open("/alerts");
    expect(screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent.trim())).toEqual(["Critical", "Warning", "No severity"]);
    const first = within(screen.getByRole("list", { name: "Critical alerts" }));
    expect(first.getByText("value 2.4")).toBeTruthy();
    expect(first.getByText(/Sent to pager \(webhook\)/)).toBeTruthy();
    const silence = first.getByRole("link", { name: "Silence PaymentLatencyHigh" }).getAttribute("href") ?? "";
    expect(new URLSearchParams(silence.split("?")[1]).get("filter")).toBe('{alertname="PaymentLatencyHigh",region="eu",severity="critical"}');
    expect(first.getByRole("link", { name: "Runbook of PaymentLatencyHigh" }).getAttribute("rel")).toBe("noopener noreferrer");
    const muted = within(screen.getByRole("list", { name: "Warning alerts" }));
    expect(muted.getByRole("link", { name: "Silenced" }).getAttribute("href")).toBe("/alerts/silences/f0e1d2c3-0000-4000-8000-000000000001");
    expect(muted.getByText("“scaling up <b>”")).toBeTruthy();
    expect(within(screen.getByRole("list", { name: "No severity alerts" })).getByText("pending, no severity")).toBeTruthy();
  });

  it("names the alert that inhibits another", () => {
    open("/alerts", topic("alerts", (body) => {
      const [first, second] = body.alerts as Record<string, unknown>[];
      body.alerts = [first, { ...second, silenced_by: [], silences: [], inhibited_by: ["a1b2c3d4e5f60718"] }];
    }));
    const link = within(screen.getByRole("list", { name: "Why nobody is paged" })).getByRole("link", { name: "PaymentLatencyHigh" });
    expect(link.getAttribute("href")).toBe("/alerts?alert=a1b2c3d4e5f60718");
  });

  it("filters by what is typed, keeps it in the address, and says what is no filter", async () => {
    open("/alerts");
    await userEvent.type(field("Filter"), "pool");
    expect(address()).toBe("/alerts?search=pool");
    expect(screen.queryByText("PaymentLatencyHigh")).toBeNull();
    await userEvent.clear(field("Filter"));
    await userEvent.type(field("Filter"), "region=");
    expect(screen.queryByText(/^Not a filter yet/)).toBeNull(); // an empty value, by the older grammar
    await userEvent.type(field("Filter"), '"e');
    expect(screen.getByText("Not a filter yet: the quote at column 8 is not closed.")).toBeTruthy();
    await userEvent.type(field("Filter"), 'u"');
    expect(address()).toBe('/alerts?filter={region="eu"}');
    expect(screen.getByText("PaymentLatencyHigh")).toBeTruthy();
    expect(screen.queryByText("ConnectionPoolSaturated")).toBeNull();
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "Receiver" }), "pager");
    expect(address()).toBe('/alerts?filter={region="eu"}&receiver=pager');
  });

  it("says that a linked alert is over", () => {
    open("/alerts?alert=gone");
    expect(screen.getByText("The alert of this link is not firing and not pending now.")).toBeTruthy();
  });

  it("is calm with nothing", () => {
    open("/alerts", topic("alerts", (body) => Object.assign(body, { firing: 0, pending: 0, alerts: [] })));
    expect(screen.getByText("Nothing is firing and nothing is pending.")).toBeTruthy();
  });
});

describe("the silence form", () => {
  const routed = (alertname: string) => ({
    fingerprint: alertname, labels: { alertname, host: hostile }, annotations: {}, startsAt: iso(now), receivers: [],
    status: { state: "active", silencedBy: [], inhibitedBy: [], mutedBy: [] },
  });

  it("asks for what is missing, counts what it mutes, and sends what Alertmanager takes", async () => {
    server.on("GET api/v2/alerts", [routed("A"), routed("B")]);
    server.on("GET api/v2/silences", []);
    server.on("POST api/v2/silences", { silenceID: "s9" });
    open('/alerts/silences/new?filter={alertname=~"A|B","größe x"!="a b"}');
    const preview = within(screen.getByRole("region", { name: "It will mute" }));
    expect(await preview.findByText("2 alerts")).toBeTruthy();
    expect(preview.getAllByText(`host="${hostile}"`)).toHaveLength(2);
    expect(within(screen.getByRole("group", { name: "Matcher 2" })).getByRole<HTMLInputElement>("textbox", { name: "Label" }).value).toBe("größe x");

    await userEvent.click(screen.getByRole("button", { name: "Create silence" }));
    expect(screen.getByText(/^Who makes it/)).toBeTruthy();
    expect(screen.getByText(/^Why\?/)).toBeTruthy();
    expect(server.changes).toEqual([]);

    await userEvent.type(field("Your name"), "anna");
    await userEvent.type(field("Comment"), "scaling up");
    await userEvent.click(screen.getByRole("button", { name: "30 min" }));
    await userEvent.click(screen.getByRole("button", { name: "Create silence" }));
    await waitFor(() => expect(address()).toBe("/alerts/silences/s9"));
    const body = server.changes[0]!.body as Record<string, unknown> & { startsAt: string; endsAt: string };
    expect(body).toMatchObject({
      matchers: [
        { name: "alertname", value: "A|B", isRegex: true, isEqual: true },
        { name: "größe x", value: "a b", isRegex: false, isEqual: false },
      ],
      createdBy: "anna", comment: "scaling up",
    });
    expect(Date.parse(body.endsAt) - Date.parse(body.startsAt)).toBe(1_800_000);
    expect(localStorage.getItem("daymark-silence-creator")).toBe("anna");
  });

  it("shows the server's refusal in full and keeps what was written", async () => {
    server.on("GET api/v2/alerts", []);
    server.on("POST api/v2/silences", () => ({ status: 400, text: '"invalid silence: invalid label matcher 0: missing closing )"' }));
    open("/alerts/silences/new");
    await userEvent.type(screen.getByRole("textbox", { name: "Label" }), "team");
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "Operator" }), "=~");
    await userEvent.type(screen.getByRole("textbox", { name: "Value" }), "pay(");
    await userEvent.type(field("Your name"), "anna");
    await userEvent.type(field("Comment"), "why");
    await userEvent.keyboard("{Tab}{Enter}");
    expect(await screen.findByText("invalid silence: invalid label matcher 0: missing closing )")).toBeTruthy();
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Value" }).value).toBe("pay(");
  });

  it("tells of an address that holds no matchers", () => {
    open("/alerts/silences/new?filter={a b}");
    expect(screen.getByText(/^The matchers in the address cannot be read/)).toBeTruthy();
  });
});

describe("the silences", () => {
  const silence = (id: string, state: string, startsMs: number, endsMs: number) => ({
    id, status: { state }, updatedAt: iso(now), comment: `comment of ${id} ${hostile}`, createdBy: "anna",
    startsAt: iso(startsMs), endsAt: iso(endsMs), matchers: [{ name: "alertname", value: id, isRegex: false, isEqual: true }],
  });

  it("are listed by state with what they mute; ended after a question, and taken back", async () => {
    const end = now + 3_600_000;
    const list = [silence("s1", "active", now - 1000, end), silence("s2", "pending", now + 60_000, end), silence("s3", "expired", now - 9000, now - 5000)];
    server.on("GET api/v2/silences", () => ({ body: list }));
    server.on("GET api/v2/alerts", [
      { fingerprint: "f", labels: {}, annotations: {}, startsAt: iso(now), receivers: [], status: { state: "suppressed", silencedBy: ["s1"], inhibitedBy: [] } },
    ]);
    server.on("DELETE api/v2/silence/s1", () => ({ text: "" }));
    server.on("POST api/v2/silences", { silenceID: "s4" });
    open("/alerts/silences");
    const active = within(await screen.findByRole("list", { name: "Active silences" }));
    expect(await active.findByText("mutes 1 alert now")).toBeTruthy();
    expect(active.getByText(`comment of s1 ${hostile}`)).toBeTruthy();
    expect(screen.getByRole("list", { name: "Pending silences" })).toBeTruthy();
    const again = within(screen.getByRole("list", { name: "Expired silences" })).getByRole("link", { name: /^Silence .* again$/ });
    expect(new URLSearchParams(again.getAttribute("href")!.split("?")[1]).get("filter")).toBe('{alertname="s3"}');

    await userEvent.click(active.getByRole("button", { name: 'Expire {alertname="s1"}' }));
    expect(screen.getByText("1 alert will page again.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Keep" }));
    expect(server.changes).toEqual([]);
    await userEvent.click(active.getByRole("button", { name: 'Expire {alertname="s1"}' }));
    await userEvent.click(screen.getByRole("button", { name: "Expire now" }));
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    expect(await screen.findByText("The silence is in force again.")).toBeTruthy();
    expect(server.changes.map(({ method, path }) => `${method} ${path}`)).toEqual(["DELETE api/v2/silence/s1", "POST api/v2/silences"]);
    expect(server.changes[1]!.body).toMatchObject({ endsAt: iso(end), createdBy: "anna", matchers: [{ value: "s1" }] });
    expect(server.changes[1]!.body).not.toHaveProperty("id");
  });
});

describe("Rules", () => {
  const at = iso(now - 2000);
  const rule = { labels: { severity: "page" }, health: "ok", evaluationTime: 0.001, lastEvaluation: at };
  const alerting = { ...rule, duration: 60, keepFiringFor: 0, annotations: { summary: hostile }, type: "alerting" };
  const groups = [
    {
      name: "shop", file: "rules.yml", interval: 5, evaluationTime: 0.01, lastEvaluation: at,
      rules: [
        { ...alerting, name: "Fires", query: "a > 1", state: "firing" },
        { ...alerting, name: "Calm", query: "b > 1", state: "inactive" },
        { ...rule, name: "job:broken", query: "c", type: "recording", health: "err", lastError: `many-to-many ${hostile}` },
      ],
    },
  ];

  beforeEach(() => {
    server.on("GET api/v1/rules", { data: { groups } });
    server.on("GET api/v1/rules?type=alert", { data: { groups: [{ rules: [{ query: "a > 1", alerts: [{ labels: { alertname: "Fires", n: hostile }, annotations: {}, state: "firing", activeAt: at, value: "4e+00" }] }] }] } });
    server.on("GET api/daymark/v1/packs", JSON.parse(golden("packs")) as object);
  });

  it("tell their state and errors, are filtered, and open to their alerts", async () => {
    open("/alerts/rules");
    const list = within(await screen.findByRole("list", { name: "Rules of shop" }));
    expect(list.getByText(`many-to-many ${hostile}`)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Failing 1" })).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Firing 1" }));
    expect(address()).toBe("/alerts/rules?state=firing");
    expect(list.queryByRole("button", { name: "Calm" })).toBeNull();
    await userEvent.click(list.getByRole("button", { name: "Fires" }));
    expect(list.getByLabelText("Expression of Fires").textContent).toBe("a > 1");
    expect(await list.findByText(/value 4e\+00$/)).toBeTruthy();
    expect(list.getByText(`n="${hostile}"`)).toBeTruthy();
    expect(list.getByText("1m")).toBeTruthy();
    await userEvent.type(field("Search"), "nothing like it");
    expect(screen.getByText("No rule matches.")).toBeTruthy();
  });

  it("switch packs, and say what one waits for", async () => {
    const packs = JSON.parse(golden("packs")) as { packs: { name: string }[] };
    server.on("PUT api/daymark/v1/packs/machine", ({ body }) => ({ body: { ...packs.packs[0], ...(body as object), state: "off" } }));
    open("/alerts/rules");
    const machine = await screen.findByRole<HTMLInputElement>("switch", { name: "This machine" });
    expect(machine.checked).toBe(true);
    expect(screen.getByText("It begins when one of these exists: payment_duration_seconds_bucket")).toBeTruthy();
    await userEvent.click(machine);
    await waitFor(() => expect(machine.checked).toBe(false));
    expect(server.changes[0]).toMatchObject({ method: "PUT", body: { enabled: false } });
    expect(screen.getAllByText("switched off")).toHaveLength(2);
  });

  it("give the line that asks for packs where nobody does", async () => {
    server.on("GET api/daymark/v1/packs", { asked: false, packs: (JSON.parse(golden("packs")) as { packs: object[] }).packs.map((pack) => ({ ...pack, state: "off" })) });
    open("/alerts/rules");
    await userEvent.click(await screen.findByRole("button", { name: "How to have them" }));
    expect(screen.getByLabelText("The line that asks for packs").textContent).toBe("packs: auto");
    expect(screen.getByRole<HTMLInputElement>("switch", { name: "This machine" }).disabled).toBe(true);
  });
});

describe("Receivers", () => {
  it("show the real answer to a test", async () => {
    server.on("GET api/daymark/v1/receivers", JSON.parse(golden("receivers")) as object);
    const { results } = JSON.parse(golden("receiver-test")) as { results: object[] };
    server.on("POST api/daymark/v1/receivers/pager/test", ({ body }) => ({ body: { results: [results[(body as { integration: string }).integration === "webhook" ? 1 : 0]] } }));
    open("/alerts/receivers");
    await userEvent.click(await screen.findByRole("button", { name: "Test pager by pagerduty" }));
    expect(await screen.findByText(/Not delivered, status 400, in 213\sms/)).toBeTruthy();
    expect(screen.getByText('unexpected status code 400: {"status":"invalid event"}')).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: /^Test pager by webhook/ }));
    expect(await screen.findByText("<script>alert(1)</script>")).toBeTruthy();
    expect(server.changes.map(({ body }) => body)).toEqual([{ integration: "pagerduty", index: 0 }, { integration: "webhook", index: 1 }]);
    expect(screen.getByText("<b>nobody</b>")).toBeTruthy();
    expect(screen.getByText("no route leads here")).toBeTruthy();
  });

  it("say that pages reach nobody while nothing is configured", async () => {
    server.on("GET api/daymark/v1/receivers", { built_in: true, config_file: "", receivers: [{ name: "daymark", integrations: [], routes: 1 }] });
    open("/alerts/receivers");
    expect(await screen.findByRole("heading", { name: "Pages reach nobody yet" })).toBeTruthy();
    expect(screen.getByLabelText("An alertmanager section").textContent).toContain("receivers:");
  });
});
