import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "@playwright/test";
import { Daymark, freePort } from "./daymark";
import { Complaints, expectAccessible, expectNoOverflow, newestStep } from "./watch";

const script = '<script>alert("x")</script><img src=x onerror=alert(1)>';
const long = "w".repeat(200);

/** A target and a webhook in one small server. */
class Shop {
  readonly pages: unknown[] = [];
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async open(): Promise<Shop> {
    const shop: Shop = new Shop(
      createServer((request, response) => {
        if (request.method === "POST") {
          let body = "";
          request.on("data", (chunk: Buffer) => (body += chunk.toString()));
          request.on("end", () => {
            shop.pages.push(JSON.parse(body));
            response.end();
          });
          return;
        }
        response.setHeader("Content-Type", "text/plain; version=0.0.4");
        response.end(`shop_queue_length{queue=${JSON.stringify(script)},host="${long}"} 42\n`);
      }),
    );
    shop.server.listen(0, "127.0.0.1");
    await once(shop.server, "listening");
    return shop;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

let shop: Shop;
let daymark: Daymark;

test.beforeAll(async () => {
  shop = await Shop.open();
  const nobody = await freePort();
  daymark = await Daymark.start(["--config.file=prometheus.yml", "--alertmanager.config.file=alertmanager.yml"], {
    "prometheus.yml": `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: ["${shop.address}"] }]
  - job_name: gone
    static_configs: [{ targets: ["127.0.0.1:${nobody}"] }]
`,
    "rules.yml": `
groups:
  - name: shop
    rules:
      - alert: QueueLong
        expr: shop_queue_length > 10
        labels: { severity: critical }
        annotations:
          summary: 'The queue holds {{ $value }} orders'
          description: 'Customers wait. ${script} ${long}. ${"And they wait on. ".repeat(80)}The end.'
          runbook_url: 'https://runbooks.example.com/queue'
      - alert: QueueHostile
        expr: shop_queue_length > 11
        labels: { severity: warning, team: '${long}' }
        annotations: { summary: '{{ $labels.queue }}', runbook_url: 'javascript:alert(1)' }
      - alert: QueueSoon
        expr: shop_queue_length > 12
        for: 1h
        labels: { severity: info }
`,
    "alertmanager.yml": `
route: { receiver: pager, group_wait: 0s, group_by: [alertname] }
receivers:
  - name: pager
    webhook_configs: [{ url: "http://${shop.address}/page" }]
`,
  });
});
test.afterAll(async () => {
  await daymark.end();
  await shop.close();
});

test("what fires is told with where it was sent, and who is down with the whole error", async ({ page }) => {
  const complaints = await Complaints.of(page);
  await page.goto(daymark.url);

  const alerts = page.getByRole("list", { name: "Alerts" });
  const queue = alerts.getByRole("listitem").filter({ has: page.getByText("QueueLong", { exact: true }) });
  await expect(queue.getByText("critical", { exact: true })).toBeVisible();
  await expect(queue.getByText("The queue holds 42 orders")).toBeVisible();
  await expect(queue.getByText(/Customers wait\./)).toBeVisible();
  const more = queue.getByRole("button", { name: "more", exact: true });
  const height = async () => (await queue.boundingBox())!.height;
  const cut = await height();
  await more.focus();
  await page.keyboard.press("Enter");
  await expect(queue.getByRole("button", { name: "less", exact: true })).toBeFocused();
  expect(await height()).toBeGreaterThan(cut + 100);
  await page.keyboard.press("Enter");
  await expect(more).toHaveAttribute("aria-expanded", "false");
  await expect(queue.getByText(/\d\d:\d\d (CET|CEST|GMT\+[12]) · .* ago/)).toBeVisible();
  await expect(queue.getByText(/Sent to pager \(webhook\) at \d\d:\d\d:\d\d/)).toBeVisible({ timeout: 30_000 });
  await expect(queue.getByRole("link", { name: "Runbook" })).toHaveAttribute("href", "https://runbooks.example.com/queue");
  expect(shop.pages.length).toBeGreaterThan(0);

  const soon = alerts.getByRole("listitem").filter({ has: page.getByText("QueueSoon", { exact: true }) });
  await expect(soon.getByText("pending, info")).toBeVisible();

  const down = page.getByRole("list", { name: "Targets down" });
  await expect(down.getByText(/connect: connection refused/)).toBeVisible();
  await expect(down.getByText("down, job gone")).toBeVisible();

  await expect(page).toHaveTitle("(2) Overview · Daymark");
  await expect(page.getByText(/^1 critical, 1 warning firing, first QueueLong since /)).not.toHaveCount(0);
  await expect(page.getByText(/1 of 2 targets down, 1 pending, last sample/)).toBeVisible();
  await expect(page.getByText("Alerts are sent to nobody yet.")).toHaveCount(0);
  expect(complaints.list).toEqual([]);
});

test("hostile and endless labels are text, and break nothing", async ({ page }) => {
  const complaints = await Complaints.of(page);
  for (const width of [1440, 1024, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(daymark.url);
    await expect(page.getByText(script, { exact: true }).first()).toBeVisible();
    await expect(page.getByText(`team="${long}"`)).toBeVisible();
    await expectNoOverflow(page);
    await page.screenshot({ path: test.info().outputPath(`alerts-${width}.png`), fullPage: true });
  }
  expect(await page.locator("img").count()).toBe(0);
  await expect(page.locator('a[href^="javascript"]')).toHaveCount(0);
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);
  expect(complaints.list).toEqual([]);
});

test("where this machine is not watched, the configured jobs are, with a line on how to add it", async ({ page }) => {
  await page.goto(daymark.url);
  await expect(page.getByRole("heading", { name: "Jobs", exact: true })).toBeVisible();
  await expect(page.getByRole("heading", { name: "This machine" })).toHaveCount(0);
  await page.getByRole("button", { name: "How to add it" }).click();
  await expect(page.getByText("host: true", { exact: true })).toBeVisible();
  const first = await newestStep(page, "Targets up by job");
  await expect.poll(() => newestStep(page, "Targets up by job")).toBeGreaterThan(first);
});

test("a silence is shown beside what it silences", async ({ page }) => {
  const now = Date.now();
  const response = await fetch(`${daymark.url}api/v2/silences`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      matchers: [{ name: "alertname", value: "QueueHostile", isRegex: false }],
      startsAt: new Date(now).toISOString(),
      endsAt: new Date(now + 3_600_000).toISOString(),
      createdBy: "test",
      comment: "known",
    }),
  });
  expect(response.ok).toBe(true);
  await page.goto(daymark.url);
  await expect(page.getByText(/^Silenced until .*\d\d:\d\d by test: "known"\. Nobody is paged\.$/)).toBeVisible({ timeout: 30_000 });
});
