import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, type Locator, type Page } from "@playwright/test";
import { Daymark } from "./daymark";
import { Complaints, expectAccessible, expectNoOverflow } from "./watch";

const script = '<script>alert("x")</script><img src=x onerror=alert(1)>';
const long = "w".repeat(200);
const rtl = "\u202eשלום 🧀\u202c";

/** A target with one series, five hundred, and labels that nobody should write. */
class Shop {
  readonly server: Server = createServer((_, response) => {
    this.scrapes++;
    response.setHeader("Content-Type", "text/plain; version=0.0.4");
    response.end(
      [
        "# HELP shop_orders_total Orders taken.",
        "# TYPE shop_orders_total counter",
        `shop_orders_total{region="eu"} ${this.scrapes}`,
        "# TYPE shop_queue_length gauge",
        ...Array.from({ length: 500 }, (_, i) => `shop_queue_length{queue="q${i}"} ${i}`),
        "# TYPE shop_odd gauge",
        `shop_odd{name=${JSON.stringify(script)}} 1`,
        `shop_odd{name="${long}"} 2`,
        `shop_odd{name="${rtl}"} 3`,
        "",
      ].join("\n"),
    );
  });
  private scrapes = 0;

  async open(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

const shop = new Shop();
let daymark: Daymark;

test.beforeAll(async () => {
  const address = await shop.open();
  daymark = await Daymark.start(["--config.file=prometheus.yml"], {
    "prometheus.yml": `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: ["${address}"] }]
`,
  });
});
test.afterAll(async () => {
  await daymark.end();
  await shop.close();
});

const explore = (query: string) => `${daymark.url}explore?${query}`;
const editor = (page: Page, letter = "A") => page.getByRole("textbox", { name: `Query ${letter}` });
const graph = (page: Page) => page.getByRole("group", { name: /^Graph:/ });
const rows = (table: Locator) => table.getByRole("row");

/** Opens an address and waits for the editor, which comes after the page. */
async function open(page: Page, query: string): Promise<void> {
  await page.goto(explore(query));
  await expect(editor(page)).toBeVisible();
}

test("a question is completed, asked and streamed with the keyboard alone", async ({ page }) => {
  const complaints = await Complaints.of(page);
  await page.goto(daymark.url);
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await expect(page.getByRole("heading", { name: "Ask in PromQL" })).toBeVisible();
  await expect(editor(page)).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("e");
  await expect(editor(page)).toBeFocused();

  // Metrics with type and help, then labels, then values.
  await page.keyboard.type("shop_ord");
  const option = (name: string | RegExp) => page.getByRole("option", { name });
  await expect(option(/^shop_orders_total/)).toContainText("counter");
  await expect(page.getByText("Orders taken.")).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(editor(page)).toHaveText("shop_orders_total");
  await page.keyboard.type("{reg");
  await expect(option("region")).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(editor(page)).toHaveText("shop_orders_total{region}");
  await page.keyboard.type('="');
  await expect(option("eu")).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(editor(page)).toHaveText('shop_orders_total{region="eu"}');
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/explore\?expr=shop_orders_total%7Bregion%3D%22eu%22%7D$/);
  await expect(graph(page)).toBeVisible();
  await expect(page.getByText("1 series, a point every 1s")).toBeVisible();

  // It moves by itself: the newest value in the legend is another one a moment later.
  const newest = page.getByRole("list", { name: "Series" }).getByRole("listitem").first();
  const before = await newest.textContent();
  await expect(newest).not.toHaveText(before ?? "");

  // From the editor on, Tab leaves it; the charts' own keys work.
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("# a comment");
  await expect(page.getByText("changed; Enter asks it")).toBeVisible();
  await graph(page).focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("+");
  await expect(page).toHaveURL(/from=\d{13}&to=\d{13}$/);
  await expect(page.getByText("1 series, a point every 1s")).toBeVisible();
  await page.keyboard.press("v");
  await expect(page).toHaveURL(/tab=table/);
  await expect(page.getByRole("region", { name: "Values" })).toBeVisible();
  await page.goBack();
  await expect(graph(page)).toBeVisible();

  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Shortcuts" });
  await expect(sheet.getByRole("heading", { name: "Explore" })).toBeVisible();
  await page.keyboard.press("Escape");
  expect(complaints.list).toEqual([]);
});

test("functions are completed, and a first question is drawn", async ({ page }) => {
  await page.goto(explore(""));
  await editor(page).click();
  await page.keyboard.type("sum(hist");
  await expect(page.getByRole("option", { name: "histogram_quantile function" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("shop_orders_total > 0");
  await page.getByRole("button", { name: "Run" }).click();
  await expect(graph(page)).toBeVisible();
});

test("queries are added, doubled, switched off and removed with the mouse; back goes back", async ({ page }) => {
  const complaints = await Complaints.of(page);
  await page.goto(explore(""));
  await page.getByRole("list", { name: "Examples" }).getByRole("button", { name: /^Which targets answer/ }).click();
  await expect(page).toHaveURL(explore("expr=up"));
  await expect(graph(page)).toBeVisible();
  await page.getByRole("button", { name: "Duplicate Query A" }).click();
  await expect(editor(page, "B")).toBeFocused();
  await page.keyboard.type(" == 0");
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page).toHaveURL(explore("expr=up&expr=up+%3D%3D+0"));
  await expect(page.getByText(/No series match in this range/)).toBeVisible();
  await page.getByRole("button", { name: "Switch off Query B" }).click();
  await expect(page).toHaveURL(explore("expr=up&expr=up+%3D%3D+0&off=2"));
  await expect(page.getByText("switched off", { exact: true })).toBeVisible();
  await page.reload();
  await expect(editor(page, "B")).toHaveText("up == 0");
  await expect(page.getByText("switched off", { exact: true })).toBeVisible();
  await page.goBack();
  await expect(page.getByText(/No series match in this range/)).toBeVisible();
  await page.getByRole("button", { name: "Remove Query A" }).click();
  await expect(page).toHaveURL(explore("expr=up+%3D%3D+0"));
  await expect(editor(page)).toHaveText("up == 0");

  await page.getByRole("button", { name: "Recent" }).click();
  await expectAccessible(page);
  await page.getByRole("menuitem", { name: "up", exact: true }).click();
  await expect(page).toHaveURL(explore("expr=up"));
  expect(complaints.list).toEqual([]);
});

test("what is wrong is marked where it is wrong, streamed and in a fixed range", async ({ page }) => {
  const complaints = await Complaints.of(page);
  const wrong = 'shop_odd{name="🧀é"} + rate(shop_odd)';
  for (const span of ["", "&from=1790000000000&to=1790000060000"]) {
    await open(page, `expr=${encodeURIComponent(wrong)}&expr=shop_orders_total${span}`);
    await expect(page.getByRole("alert").filter({ hasText: "The expression cannot be read:" })).toContainText("range vector");
    await expect(page.locator(".cm-lintRange-error").last()).toHaveText("shop_odd");
    await expect(editor(page)).toHaveAttribute("aria-invalid", "true");
    // The others are answered.
    await expect(editor(page, "B")).toHaveAttribute("aria-invalid", "false");
  }
  await expectAccessible(page);
  const answers = complaints.list.filter((line) => !line.includes("400 (Bad Request)"));
  expect(answers).toEqual([]);
});

test("five hundred series: the graph draws some and says so, the table pages, sorts and copies", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const complaints = await Complaints.of(page);
  await open(page, "expr=shop_queue_length");
  await expect(page.getByText("40 of 500 series drawn")).toBeVisible();
  await expect(page.getByText("500 series, a point every 1s")).toBeVisible();
  await page.getByRole("link", { name: "Table" }).click();
  const values = page.getByRole("region", { name: "Values" });
  await expect(page.getByText("500 series, the first 100 shown")).toBeVisible();
  await expect(rows(values)).toHaveCount(101);
  const first = values.getByRole("row").nth(1).getByRole("cell").first();
  await values.getByRole("button", { name: "Value" }).click();
  await expect(first).toHaveText("499");
  await values.getByRole("button", { name: "Value" }).click();
  await expect(first).toHaveText("0");
  await values.getByRole("button", { name: "queue" }).click();
  await expect(values.getByRole("columnheader", { name: "queue" })).toHaveAttribute("aria-sort", "ascending");
  await page.getByRole("button", { name: "Show 100 more of 400" }).click();
  await expect(rows(values)).toHaveCount(201);
  await page.getByRole("button", { name: "Copy the table as CSV" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const lines = copied.trim().split("\n").map((line) => line.trim());
  expect(lines).toHaveLength(501);
  expect(lines[0]).toBe("time,value,__name__,instance,job,queue");
  expect(lines[1]).toMatch(/^\d{4}-\d\d-\d\dT[^,]+Z,0,shop_queue_length,127\.0\.0\.1:\d+,shop,q0$/);
  expect(complaints.list).toEqual([]);
});

test("the table streams, and shows what no graph can", async ({ page }) => {
  await open(page, "expr=shop_orders_total&tab=table");
  const value = page.getByRole("region", { name: "Values" }).getByRole("row").nth(1).getByRole("cell").first();
  const before = (await value.textContent()) ?? "";
  await expect(value).not.toHaveText(before);
  await open(page, `expr=${encodeURIComponent("shop_orders_total[3s]")}&tab=table`);
  await expect(page.getByText("1 series, with their samples")).toBeVisible();
  await expect(value).toContainText("@");
});

for (const scheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test(`hostile and endless labels are text and break nothing: ${scheme}, ${width} px`, async ({ page }) => {
      const complaints = await Complaints.of(page);
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 900 });
      for (const tab of ["graph", "table"]) {
        await open(page, `expr=shop_odd&expr=${encodeURIComponent(`shop_odd{name=${JSON.stringify(script)}}`)}&expr=nothing_here&tab=${tab}`);
        if (tab === "graph") await expect(page.getByRole("list", { name: "Series" }).getByText(long).first()).toBeAttached();
        else await expect(page.getByRole("cell", { name: script }).first()).toBeAttached();
        await expect(page.getByText(/No series match in this range/)).toBeVisible();
        await expectNoOverflow(page);
        await expectAccessible(page);
        await page.screenshot({ path: test.info().outputPath(`${tab}.png`), fullPage: true });
      }
      expect(await page.locator("img").count()).toBe(0);
      expect(complaints.list).toEqual([]);
    });
  }
}

test("a server that goes away leaves what was shown, says until when, and goes on when it is back", async ({ page }) => {
  const complaints = await Complaints.of(page);
  await open(page, "expr=shop_orders_total");
  await expect(graph(page)).toBeVisible();
  await expect(page.getByText(/^\d s ago$/)).toBeVisible();
  await daymark.stop();
  await expect(page.getByText(/^Reconnecting, showing data until/)).toBeVisible();
  await expect(graph(page)).toBeVisible();
  await expect(page.getByText(/^until \d\d:\d\d:\d\d$/)).toBeVisible();
  // Completion offers nothing from a server that is away, and says nothing.
  await editor(page).press("End");
  await page.keyboard.type("{");
  await expectAccessible(page);
  await daymark.run();
  await expect(page.getByText(/^Reconnecting/)).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByText(/^\d s ago$/)).toBeVisible();
  expect(complaints.besidesOutage()).toEqual([]);
});
