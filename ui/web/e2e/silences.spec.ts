import { expect, test } from "@playwright/test";
import { Daymark } from "./daymark";
import { post } from "./post";
import { Complaints, expectAccessible } from "./watch";

interface Suppressed {
  readonly labels: { readonly alertname: string };
  readonly status: { readonly state: string; readonly silencedBy: readonly string[] };
}

let daymark: Daymark;

/** How Alertmanager's API sees an alert. */
const statusOf = async (alertname: string) => {
  const alerts = (await (await fetch(`${daymark.url}api/v2/alerts`)).json()) as Suppressed[];
  return alerts.find(({ labels }) => labels.alertname === alertname)?.status;
};

test.beforeAll(async () => {
  daymark = await Daymark.start(["--config.file=prometheus.yml"], {
    "prometheus.yml": `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
`,
    "rules.yml": `
groups:
  - name: shop
    rules:
      - { alert: QueueLong, expr: vector(42) > 10, labels: { severity: critical, queue: orders } }
      - { alert: QueueOdd, expr: vector(11) > 1, labels: { severity: warning } }
      - { alert: QueueSoon, expr: vector(12) > 1, for: 1h, labels: { severity: info } }
`,
  });
});
test.afterAll(() => daymark.end());

test("with the keyboard alone: a silence is made from an alert, changed, ended, and taken back", async ({ page }) => {
  const complaints = await Complaints.of(page);
  const key = (name: string) => page.keyboard.press(name);
  await page.goto(daymark.url);
  await expect(page.getByRole("link", { name: /^Alerts, / })).toBeVisible();
  await key("g");
  await key("a");
  await expect(page.getByRole("list", { name: "Critical alerts" }).getByText("QueueLong", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Silence QueueLong" }).focus();
  await key("Enter");

  const second = page.getByRole("group", { name: "Matcher 2" });
  await expect(second.getByRole("textbox", { name: "Label" })).toHaveValue("queue");
  await expect(second.getByRole("textbox", { name: "Value" })).toHaveValue("orders");
  const preview = page.getByRole("region", { name: "It will mute" });
  await expect(preview.getByRole("link", { name: "QueueLong" })).toBeVisible();
  await expect(preview.getByText("1 alert", { exact: true })).toBeVisible();

  // A wider matcher mutes more; a broken one is refused in the server's words.
  await page.getByRole("button", { name: "Remove matcher 1" }).focus();
  await key("Enter");
  await page.getByRole("button", { name: "Remove matcher 2" }).focus();
  await key("Enter");
  const only = page.getByRole("group", { name: "Matcher 1" });
  await only.getByRole("textbox", { name: "Label" }).focus();
  await key("Control+a");
  await page.keyboard.type("alertname");
  await only.getByRole("combobox", { name: "Operator" }).selectOption("=~");
  await only.getByRole("textbox", { name: "Value" }).focus();
  await key("Control+a");
  await page.keyboard.type("Queue(");
  await expect(preview.getByText(/error parsing regexp: missing closing \)/)).toBeVisible();
  await key("Backspace");
  await page.keyboard.type(".*");
  await expect(preview.getByText("2 alerts", { exact: true })).toBeVisible();
  await expect(preview.getByText("And 1 alert that is pending, should it fire.")).toBeVisible();
  await key("Control+a");
  await page.keyboard.type("QueueLong");

  await page.getByRole("button", { name: "4 h", exact: true }).focus();
  await key("Enter");
  await page.getByRole("button", { name: "Create silence" }).focus();
  await key("Enter");
  await expect(page.getByText("Why? Whoever finds it at night has only this.")).toBeVisible();
  await page.getByRole("textbox", { name: "Your name" }).focus();
  await page.keyboard.type("anna");
  await key("Tab");
  await page.keyboard.type("scaling up the workers");
  await expectAccessible(page);
  await key("Tab");
  await key("Enter");

  await expect(page).toHaveURL(/\/alerts\/silences\/[0-9a-f-]{36}$/);
  const card = page.getByRole("region", { name: "Active silence" });
  await expect(card.getByText('alertname=~"QueueLong"')).toBeVisible();
  await expect(card.getByText(/· in (3 h 59 min|4 h)$/)).toBeVisible();
  await expect(card.getByText("mutes 1 alert now")).toBeVisible();
  await expect.poll(async () => (await statusOf("QueueLong"))?.state).toBe("suppressed");
  const id = page.url().split("/").at(-1)!;
  expect((await statusOf("QueueLong"))?.silencedBy).toEqual([id]);
  expect(complaints.list.filter((line) => !line.includes("400"))).toEqual([]);

  // The alert says so on its page, and leads back.
  await page.goto(`${daymark.url}alerts`);
  const queue = page.getByRole("list", { name: "Critical alerts" }).getByRole("listitem").first();
  await expect(queue.getByText(/until \d\d:\d\d by anna/)).toBeVisible();
  await queue.getByRole("link", { name: "Silenced" }).focus();
  await key("Enter");
  await expect(page).toHaveURL(new RegExp(id));

  // A change of the end keeps the id, one of the matchers makes another.
  await page.getByRole("link", { name: /^Edit/ }).focus();
  await key("Enter");
  await expect(page.getByRole("textbox", { name: "Comment" })).toHaveValue("scaling up the workers");
  await page.getByRole("button", { name: "8 h", exact: true }).focus();
  await key("Enter");
  await page.getByRole("button", { name: "Save silence" }).focus();
  await key("Enter");
  await expect(page).toHaveURL(new RegExp(`/alerts/silences/${id}$`));
  await expect(card.getByText(/· in (7|8) h$/)).toBeVisible();
  await page.getByRole("link", { name: /^Edit/ }).focus();
  await key("Enter");
  await only.getByRole("combobox", { name: "Operator" }).selectOption("=");
  await page.getByRole("button", { name: "Save silence" }).focus();
  await key("Enter");
  await expect(page).not.toHaveURL(new RegExp(id));
  await expect(page).toHaveURL(/\/alerts\/silences\/[0-9a-f-]{36}$/);
  await expect(card.getByText('alertname="QueueLong"')).toBeVisible();

  // Ended, and taken back.
  await page.getByRole("button", { name: /^Expire/ }).focus();
  await key("Enter");
  await expect(page.getByRole("button", { name: "Expire now" })).toBeFocused();
  await key("Enter");
  await expect(page.getByText(/^The silence has been ended/)).toBeVisible();
  await expect(page.getByRole("region", { name: "Expired silence" })).toBeVisible();
  await expect.poll(async () => (await statusOf("QueueLong"))?.state).toBe("active");
  await page.getByRole("button", { name: "Undo" }).focus();
  await key("Enter");
  await expect(page.getByText("The silence is in force again.")).toBeVisible();
  await expect.poll(async () => (await statusOf("QueueLong"))?.state).toBe("suppressed");

  // By mouse, in the list.
  await page.getByRole("link", { name: "All silences" }).click();
  const active = page.getByRole("list", { name: "Active silences" });
  await active.getByRole("button", { name: 'Expire {alertname="QueueLong"}' }).click();
  await page.getByRole("button", { name: "Keep" }).click();
  await active.getByRole("button", { name: 'Expire {alertname="QueueLong"}' }).click();
  await page.getByRole("button", { name: "Expire now" }).click();
  await expect(active.getByText('alertname="QueueLong"')).toHaveCount(0);
  await expect(page.getByRole("list", { name: "Expired silences" }).getByText('alertname="QueueLong"').first()).toBeVisible();
  await page.getByRole("link", { name: "New silence" }).click();
  await expect(page.getByRole("textbox", { name: "Your name" })).toHaveValue("anna");
});

test("one alert; links of Alertmanager lead to it, and a pasted line becomes matchers", async ({ page, context }) => {
  const daymark = await Daymark.start();
  try {
    await post(`${daymark.url}api/v2/alerts`, [{ labels: { alertname: "Alone", severity: "page" }, annotations: { summary: "Only one" } }]);
    await page.goto(`${daymark.url}#/alerts?filter=%7Balertname%3D%22Alone%22%7D`);
    await expect(page.getByRole("list", { name: "Critical alerts" }).getByText("Only one")).toBeVisible();
    await expect(page.getByRole("textbox", { name: "Filter" })).toHaveValue('{alertname="Alone"}');
    await expect(page.getByText(/Shown here at .*, sent to nobody/)).toBeVisible();

    await page.goto(`${daymark.url}#/silences/new?filter=%7Balertname%3D%22Alone%22%7D`);
    const label = page.getByRole("group", { name: "Matcher 1" }).getByRole("textbox", { name: "Label" });
    await expect(label).toHaveValue("alertname");
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(daymark.url).origin });
    await page.evaluate(() => navigator.clipboard.writeText('{"a b"!="c", severity=~"pa.*"}'));
    await label.focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+v");
    await expect(label).toHaveValue("a b");
    await expect(page.getByRole("group", { name: "Matcher 2" }).getByRole("textbox", { name: "Value" })).toHaveValue("pa.*");
    await expect(page.getByRole("region", { name: "It will mute" }).getByRole("link", { name: "Alone" })).toBeVisible();
  } finally {
    await daymark.end();
  }
});
