import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, type Page } from "@playwright/test";
import { Daymark } from "./daymark";
import { post } from "./post";
import { Complaints, expectAccessible, expectNoOverflow } from "./watch";

const script = '<script>alert("x")</script><img src=x onerror=alert(1)>';
const long = "w".repeat(200);
const rtl = "\u202eتنبيه\u202c";

/** A pager that answers, and one that refuses. */
class Pagers {
  readonly got: { path: string; body: string }[] = [];
  private readonly server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      this.got.push({ path: request.url ?? "", body });
      response.statusCode = request.url === "/bad" ? 400 : 200;
      response.end(request.url === "/bad" ? `{"status":"invalid event","message":${JSON.stringify(script)}}` : "thank you, page accepted");
    });
  });

  static async open(): Promise<Pagers> {
    const pagers = new Pagers();
    pagers.server.listen(0, "127.0.0.1");
    await once(pagers.server, "listening");
    return pagers;
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

const tabs = ["alerts", "alerts/rules", "alerts/silences", "alerts/receivers"] as const;

/** Each tab has drawn what it is about. */
async function expectTab(page: Page, tab: (typeof tabs)[number]): Promise<void> {
  const sign = {
    alerts: page.getByRole("list", { name: "Critical alerts" }).getByText("QueueLong", { exact: true }),
    "alerts/rules": page.getByRole("list", { name: "Rules of shop" }).getByRole("button", { name: "QueueLong" }),
    "alerts/silences": page.getByRole("list", { name: "Active silences" }).getByText(/^by nobody here/),
    "alerts/receivers": page.getByRole("button", { name: "Test broken by webhook" }),
  }[tab];
  await expect(sign).toBeVisible();
}

test.describe("with rules, receivers and hostile labels", () => {
  let pagers: Pagers;
  let daymark: Daymark;

  test.beforeAll(async () => {
    pagers = await Pagers.open();
    daymark = await Daymark.start(["--config.file=prometheus.yml", "--alertmanager.config.file=alertmanager.yml"], {
      "prometheus.yml": `
global: { scrape_interval: 1s, evaluation_interval: 1s }
host: true
packs: auto
rule_files: [rules.yml]
`,
      "rules.yml": `
groups:
  - name: shop
    rules:
      - alert: QueueLong
        expr: vector(42) > 10
        labels: { severity: critical, queue: orders }
        annotations:
          summary: 'The queue holds {{ $value }} orders'
          description: 'Customers wait.'
          runbook_url: 'https://runbooks.example.com/queue'
      - alert: QueueHostile
        expr: vector(11) > 1
        labels: { severity: warning, team: '${long}', "größe x": '${rtl}' }
        annotations: { summary: '${script}', note: '${long}', runbook_url: 'javascript:alert(1)' }
      - alert: QueueSoon
        expr: vector(12) > 1
        for: 1h
        keep_firing_for: 10m
        labels: { severity: info }
      - record: queue:double
        expr: up * on () group_left () node_cpu_seconds_total
`,
      "alertmanager.yml": `
route:
  receiver: pager
  group_wait: 0s
  routes: [{ receiver: broken, matchers: ['alertname="QueueHostile"'] }]
receivers:
  - name: pager
    webhook_configs: [{ url: "http://${pagers.address}/ok" }]
  - name: broken
    webhook_configs: [{ url: "http://${pagers.address}/bad", send_resolved: false }]
`,
    });
    const now = Date.now();
    const body = {
      matchers: [{ name: "nobody", value: `${script}${long}`, isRegex: false }, { name: "größe x", value: rtl, isRegex: false }],
      startsAt: new Date(now).toISOString(), endsAt: new Date(now + 3_600_000).toISOString(),
      createdBy: `nobody here ${long}`, comment: script,
    };
    await post(`${daymark.url}api/v2/silences`, body);
  });
  test.afterAll(async () => {
    await daymark.end();
    await pagers.close();
  });

  for (const scheme of ["light", "dark"] as const) {
    for (const width of [1440, 390]) {
      test(`every tab can be read, in ${scheme}, ${width} px wide`, async ({ page }) => {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width, height: width > 500 ? 900 : 844 });
        const complaints = await Complaints.of(page);
        for (const tab of tabs) {
          // The packs' hundreds of rules look alike: once is enough to read them all aloud.
          const some = tab === "alerts/rules" && !(scheme === "dark" && width === 390) ? "?search=rules.yml" : "";
          await page.goto(`${daymark.url}${tab}${some}`);
          await expectTab(page, tab);
          await expectNoOverflow(page);
          await expectAccessible(page);
          await page.screenshot({ path: test.info().outputPath(`${tab.replace("/", "-")}.png`), fullPage: true });
        }
        expect(await page.locator("img").count()).toBe(0);
        expect(complaints.list).toEqual([]);
      });
    }
  }

  test("what fires is told with its value, its runbook, its receivers and what became of the pages", async ({ page }) => {
    const complaints = await Complaints.of(page);
    await page.goto(`${daymark.url}alerts`);
    const queue = page.getByRole("list", { name: "Critical alerts" }).getByRole("listitem").first();
    await expect(queue.getByText("The queue holds 42 orders")).toBeVisible();
    await expect(queue.getByText("value 42")).toBeVisible();
    await expect(queue.getByText(/^since \d\d:\d\d (CET|CEST|GMT\+[12]) · .* ago$/)).toBeVisible();
    await expect(queue.getByText(/Sent to pager \(webhook\) at/)).toBeVisible({ timeout: 30_000 });
    const runbook = queue.getByRole("link", { name: "Runbook of QueueLong" });
    await expect(runbook).toHaveAttribute("href", "https://runbooks.example.com/queue");
    await expect(runbook).toHaveAttribute("rel", "noopener noreferrer");
    await expect(queue.getByRole("link", { name: "Explore QueueLong" })).toHaveAttribute("href", /\/explore\?expr=vector%2842%29\+%3E\+10$/);

    const hostile = page.getByRole("list", { name: "Warning alerts" }).getByRole("listitem").first();
    await expect(hostile.getByText(script, { exact: true }).first()).toBeVisible();
    await expect(hostile.getByText(/Not delivered to broken \(webhook\)/)).toBeVisible({ timeout: 30_000 });
    await expect(hostile.getByText(/unexpected status code 400/)).toBeVisible();
    await expect(page.locator('a[href^="javascript"]')).toHaveCount(0);
    await expect(page.getByRole("list", { name: "Info alerts" }).getByText("pending, info")).toBeVisible();
    expect(complaints.list).toEqual([]);
  });

  test("words, matchers and receivers filter, and the address holds it", async ({ page }) => {
    await page.goto(`${daymark.url}alerts`);
    await expectTab(page, "alerts");
    const filter = page.getByRole("textbox", { name: "Filter" });
    await filter.fill("orders");
    await expect(page).toHaveURL(/\?search=orders$/);
    await expect(page.getByText("QueueHostile", { exact: true })).toHaveCount(0);
    await filter.fill('"größe x"=~".+"');
    await expect(page.getByText("QueueHostile", { exact: true })).toBeVisible();
    await expect(page.getByText("QueueLong", { exact: true })).toHaveCount(0);
    await filter.fill('"größe x"=~');
    await expect(page.getByText(/^Not a filter yet: a value is missing at the end\.$/)).toBeVisible();
    await filter.fill("severity!~info|warning,queue=orders");
    await expect(page).toHaveURL(/\?filter=%7Bseverity%21%7E%22info%7Cwarning%22%2Cqueue%3D%22orders%22%7D$/);
    await page.reload();
    await expect(filter).toHaveValue('{severity!~"info|warning",queue="orders"}');
    await expect(page.getByText("QueueLong", { exact: true })).toBeVisible();
    await page.getByRole("combobox", { name: "Receiver" }).selectOption("broken");
    await expect(page.getByText("No alert matches this filter.")).toBeVisible();
    await page.getByRole("button", { name: "Show all" }).click();
    await expect(page).toHaveURL(`${daymark.url}alerts`);
    await expectTab(page, "alerts");
  });

  test("a test notification shows what the other side answers", async ({ page }) => {
    const complaints = await Complaints.of(page);
    await page.goto(`${daymark.url}alerts/receivers`);
    await page.getByRole("button", { name: "Test pager by webhook" }).click();
    await expect(page.getByText(/Delivered, status 200, in \d/)).toBeVisible();
    await expect(page.getByLabel("Answer to the test of pager by webhook")).toHaveText("thank you, page accepted");
    const sent = pagers.got.filter(({ path, body }) => path === "/ok" && body.includes("DaymarkTest"));
    expect(sent).toHaveLength(1);

    await page.getByRole("button", { name: "Test broken by webhook" }).press("Enter");
    await expect(page.getByText(/Not delivered, status 400, in \d/)).toBeVisible();
    await expect(page.getByText(/unexpected status code 400/)).toBeVisible();
    await expect(page.getByLabel("Answer to the test of broken by webhook")).toContainText("invalid event");
    await expect(page.getByLabel("Answer to the test of broken by webhook")).toContainText("<script>");
    await expect(page.getByText("does not tell when it is over")).toBeVisible();
    await expectNoOverflow(page);
    await expectAccessible(page);
    expect(complaints.list).toEqual([]);
  });

  test("rules tell their state and their errors; packs are switched", async ({ page }) => {
    const complaints = await Complaints.of(page);
    await page.goto(`${daymark.url}alerts/rules`);
    const shop = page.getByRole("list", { name: "Rules of shop" });
    await expect(shop.getByText(/many-to-many matching not allowed|found duplicate series/).first()).toBeVisible();
    await page.getByRole("button", { name: /^Firing/ }).click();
    await expect(page).toHaveURL(/\?state=firing$/);
    await expect(shop.getByRole("button", { name: "QueueSoon" })).toHaveCount(0);
    await shop.getByRole("button", { name: "QueueLong" }).press("Enter");
    await expect(shop.getByLabel("Expression of QueueLong", { exact: true })).toHaveText("vector(42) > 10");
    await expect(shop.getByRole("list", { name: "Active alerts of QueueLong" }).getByText(/firing since .*, value 4\.2e\+01/)).toBeVisible();
    await page.getByRole("button", { name: /^All/ }).click();
    await page.getByRole("textbox", { name: "Search" }).fill("queuesoon");
    await shop.getByRole("button", { name: "QueueSoon" }).click();
    await expect(shop.getByText("1h", { exact: true })).toBeVisible();
    await expect(shop.getByText("10m", { exact: true })).toBeVisible();
    await page.getByRole("textbox", { name: "Search" }).fill("");

    const packs = page.getByRole("list", { name: "Packs" });
    const machine = packs.getByRole("switch", { name: "This machine" });
    await expect(machine).toBeChecked();
    const groups = page.getByText("built-in pack machine", { exact: true });
    await expect(groups.first()).toBeVisible();
    await machine.press("Space");
    await expect(machine).not.toBeChecked();
    await expect(groups).toHaveCount(0);
    await expect(packs.getByText("switched off", { exact: true })).toBeVisible();
    await expect(packs.getByText("waiting for its metrics").first()).toBeVisible();
    await expect(packs.getByText("payment_duration_seconds_bucket").first()).toBeVisible();
    await page.reload();
    await expect(machine).not.toBeChecked();
    await machine.press("Space");
    await expect(groups.first()).toBeVisible();
    expect(complaints.list).toEqual([]);
  });

  test("while the server is away, what was known stays", async ({ page }) => {
    const complaints = await Complaints.of(page);
    await page.goto(`${daymark.url}alerts/rules`);
    await expectTab(page, "alerts/rules");
    await daymark.stop();
    await expect(page.getByText(/^Reconnecting, showing data until/)).toBeVisible();
    for (const name of ["Now", "Rules"]) {
      await page.getByRole("navigation", { name: "Alerts" }).getByRole("link", { name }).click();
      await expectTab(page, name === "Now" ? "alerts" : "alerts/rules");
    }
    await page.getByRole("navigation", { name: "Alerts" }).getByRole("link", { name: "Receivers" }).click();
    await expect(page.getByText("Daymark did not answer")).toBeVisible();
    await expectAccessible(page);
    await daymark.run();
    await expectTab(page, "alerts/receivers");
    await expect(page.getByText(/^Reconnecting/)).toBeHidden({ timeout: 20_000 });
    expect(complaints.besidesOutage()).toEqual([]);
  });
});

test("with nothing, and with more than 500 alerts, below a path", async ({ page }) => {
  const daymark = await Daymark.start(["--web.external-url=http://127.0.0.1/daymark/", "--config.file=prometheus.yml"], {
    "prometheus.yml": "global: { scrape_interval: 5s }\n",
  });
  const url = `${daymark.url}daymark/`;
  try {
    const complaints = await Complaints.of(page);
    await page.goto(`${url}alerts`);
    await expect(page.getByText("Nothing is firing and nothing is pending.")).toBeVisible();
    await page.getByRole("link", { name: "Silences" }).click();
    await expect(page.getByText("No silences.")).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Receivers" }).click();
    await expect(page.getByRole("heading", { name: "Pages reach nobody yet" })).toBeVisible();
    await expect(page.getByLabel("An alertmanager section", { exact: true })).toContainText("webhook_configs");
    await expectAccessible(page);

    const alerts = Array.from({ length: 520 }, (_, i) => ({
      labels: { alertname: `Posted${i}`, severity: "warning", n: String(i), host: `${long}${i}`, text: script, rtl },
      annotations: { summary: `Number ${i} of many`, description: `${rtl} ${long}` },
      generatorURL: "https://elsewhere.example.com/graph?g0.expr=up",
    }));
    await post(`${url}api/v2/alerts`, alerts);
    await page.getByRole("link", { name: "Now" }).click();
    const list = page.getByRole("list", { name: "Warning alerts" });
    await expect(list.getByRole("link", { name: /^Silence Posted/ })).toHaveCount(100);
    await expect(page.getByText("520 firing, 0 pending")).toBeVisible();
    await expect(page.getByText(/^20 more alerts are not listed/)).toBeVisible();
    await expect(list.getByRole("link", { name: /^Source of/ }).first()).toHaveAttribute("rel", "noopener noreferrer");
    await page.getByRole("button", { name: "Show 100 more of 400" }).click();
    await expect(list.getByRole("link", { name: /^Silence Posted/ })).toHaveCount(200);
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNoOverflow(page);
    await page.setViewportSize({ width: 1440, height: 900 });

    const filter = page.getByRole("textbox", { name: "Filter" });
    await filter.fill('alertname=~"Posted1."');
    await expect(page.getByText("520 firing, 0 pending; 10 match")).toBeVisible();
    await expect(list.getByRole("link", { name: /^Silence Posted/ })).toHaveCount(10);
    await expectAccessible(page);
    await page.getByRole("link", { name: "Silence Posted13" }).click();
    await expect(page.getByRole("region", { name: "It will mute" }).getByText("1 alert", { exact: true })).toBeVisible();
    await expect(page).toHaveURL(/\/daymark\/alerts\/silences\/new\?filter=/);
    await expectNoOverflow(page);
    expect(complaints.list).toEqual([]);
  } finally {
    await daymark.end();
  }
});
