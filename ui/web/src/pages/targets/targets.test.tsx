import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeServer } from "../../testing/fakeServer";
import { FakeSocket } from "../../testing/fakeSocket";
import { golden } from "../../testing/golden";
import { hello, renderPage, type Played } from "../../testing/page";
import { TargetsPage } from "./TargetsPage";

const now = 1_790_000_000_000;
const hostile = '<script>alert("x")</script>';
const topic = (name: string, change: (body: Record<string, unknown>) => void = () => undefined) => {
  const body = JSON.parse(golden(name)) as Record<string, unknown>;
  change(body);
  return { type: "topic", topic: name, body };
};

let page: Played | null = null;
let server: FakeServer;

beforeEach(() => {
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  server = new FakeServer();
});
afterEach(() => {
  page?.stop();
  window.history.replaceState(null, "", "/");
});

function open(path: string, ...messages: unknown[]): void {
  window.history.replaceState(null, "", path);
  page = renderPage(<TargetsPage />);
  page.say(hello(now), topic("status"), ...(messages.length > 0 ? messages : [topic("targets")]));
}
const address = () => `${window.location.pathname}${decodeURIComponent(window.location.search)}`;

describe("Targets", () => {
  it("tells health, age, duration of the time allowed, samples and the whole error", async () => {
    open("/targets");
    const node = within(screen.getByRole("list", { name: "Targets of node" }));
    expect(node.getByText("up")).toBeTruthy();
    expect(node.getByText(/12\.5\sms of 1\ss/)).toBeTruthy();
    expect(node.getByText("812 samples")).toBeTruthy();
    const shop = within(screen.getByRole("list", { name: "Targets of shop" }));
    expect(shop.getByText("down")).toBeTruthy();
    expect(shop.getByText(/5\ss of 5\ss/)).toBeTruthy();
    expect(shop.getByText("slow", { exact: false })).toBeTruthy();
    expect(shop.getByText('Get "http://10.0.0.7:9100/metrics": context deadline exceeded')).toBeTruthy();
    expect(shop.getByText("not scraped yet")).toBeTruthy();
    expect(shop.getByText("never")).toBeTruthy();
    await userEvent.click(shop.getByRole("button", { name: "10.0.0.7:9100" }));
    expect(shop.getByText('instance="10.0.0.7:9100"')).toBeTruthy();
    const explore = shop.getByRole("link", { name: "Explore the scrapes of 10.0.0.7:9100" }).getAttribute("href") ?? "";
    expect(new URLSearchParams(explore.split("?")[1]).getAll("expr")).toEqual([
      'scrape_duration_seconds{job="shop",instance="10.0.0.7:9100"}', 'scrape_samples_scraped{job="shop",instance="10.0.0.7:9100"}',
    ]);
  });

  it("filters by health, words and job, in the address", async () => {
    open("/targets");
    await userEvent.click(screen.getByRole("button", { name: "Down 1" }));
    expect(address()).toBe("/targets?health=down");
    expect(screen.queryByRole("list", { name: "Targets of node" })).toBeNull();
    await userEvent.type(screen.getByRole("textbox", { name: "Search" }), "zzz");
    expect(screen.getByText("No target matches.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Show all" }));
    expect(address()).toBe("/targets");
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "Job" }), "node");
    expect(address()).toBe("/targets?job=node");
    expect(screen.queryByRole("list", { name: "Targets of shop" })).toBeNull();
  });

  it("says which job of a link is not there", () => {
    open("/targets?job=gone");
    expect(screen.getByText("There is no job gone.")).toBeTruthy();
  });

  it("says how many the server left out", () => {
    open("/targets", topic("targets", (body) => Object.assign(body, { truncated: 20 })));
    expect(screen.getByText(/^20 more targets are not listed/)).toBeTruthy();
  });

  it("loads what was dropped when it is opened, with the rule that did", async () => {
    server.on("GET api/daymark/v1/targets/dropped?job=shop", JSON.parse(golden("targets-dropped")) as object);
    open("/targets");
    expect(server.asked).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "3 targets dropped before scraping" }));
    const dropped = within(await screen.findByRole("list", { name: "Dropped targets of shop" }));
    expect(dropped.getByText("dropped by relabel rule 3, action drop")).toBeTruthy();
    expect(dropped.getByLabelText("Rule that dropped 10.0.0.1:80").textContent).toContain("regex: <b>.*");
    expect(dropped.getByText("no address is left after relabelling")).toBeTruthy();
    expect(screen.getByText("and 10 more that are not listed")).toBeTruthy();
  });

  it("knows the next step without targets", () => {
    open("/targets", topic("targets", (body) => Object.assign(body, { up: 0, down: 0, unknown: 0, pools: [] })));
    expect(screen.getByText("No targets yet.")).toBeTruthy();
    expect(screen.getByText(/Daymark is watching this machine\. Add a target/)).toBeTruthy();
    expect(screen.getByLabelText("The lines that add a target").textContent).toContain("static_configs:");
  });
});

describe("exporters found on this machine", () => {
  it("are ignored and scraped again, and a refusal is told", async () => {
    server.on("PUT api/daymark/v1/exporters", ({ body }) =>
      (body as { ignored: boolean }).ignored ? { body: (JSON.parse(golden("exporters")) as { found: object[] }).found[2] } : { status: 404, body: { error: `there is no exporter ${hostile}` } },
    );
    open("/targets", topic("targets"), topic("exporters"));
    const found = within(screen.getByRole("list", { name: "Exporters found on this machine" }));
    expect(found.getByText("this machine's own metrics are already scraped in process")).toBeTruthy();
    await userEvent.click(found.getByRole("button", { name: "Ignore MySQL / MariaDB on port 9104" }));
    await userEvent.click(found.getByRole("button", { name: "Scrape Redis / Valkey on port 9121 again" }));
    await waitFor(() => expect(found.getByText(`there is no exporter ${hostile}`)).toBeTruthy());
    expect(server.changes.map(({ body }) => body)).toEqual([
      { url: "http://127.0.0.1:9104/metrics", ignored: true }, { url: "http://[::1]:9121/metrics", ignored: false },
    ]);
    expect(found.queryByRole("button", { name: /Node exporter/ })).toBeNull();
  });
});
