import { expect, test, type Page } from "@playwright/test";
import { Daymark } from "./daymark";
import { Complaints, newestStep, readTable } from "./watch";

let daymark: Daymark;

test.beforeEach(async () => {
  daymark = await Daymark.start();
});
test.afterEach(() => daymark.end());

const panel = "Load average";
const queries: Record<string, string> = {
  "1 min": 'max(node_load1{job="node"})',
  "5 min": 'max(node_load5{job="node"})',
  "15 min": 'max(node_load15{job="node"})',
};

/**
 * Every step of the panel's whole window is what a fresh query_range gives, and the other way round. Between the two
 * readings the newest step may be corrected: then both are read again.
 */
async function expectFresh(page: Page): Promise<void> {
  await expect(async () => {
    const { names, rows } = await readTable(page, panel);
    const shown = rows.toReversed();
    const from = shown[0]!.ms;
    const step = shown[1]!.ms - from;
    for (const [column, name] of names.entries()) {
      const answer = await fetch(`${daymark.url}api/v1/query_range`, {
        method: "POST",
        body: new URLSearchParams({
          query: queries[name]!, start: String(from / 1000), end: String(shown.at(-1)!.ms / 1000), step: String(step / 1000),
        }),
      });
      const body = (await answer.json()) as { data: { result: { values: [number, string][] }[] } };
      const fresh = new Map(body.data.result[0]!.values.map(([seconds, value]) => [Math.round(seconds * 1000), Number(value)]));
      expect(shown.map(({ ms, cells }) => [ms, cells[column] === "" ? null : Number(cells[column])])).toEqual(
        shown.map(({ ms }) => [ms, fresh.get(ms) ?? null]),
      );
      expect(fresh.size).toBeGreaterThan(5);
    }
  }).toPass({ timeout: 15_000 });
}

test("a restart of the server leaves the same graph as a fresh query", async ({ page }) => {
  const complaints = await Complaints.of(page);
  await page.goto(daymark.url);
  await expect(page.getByText("All calm:", { exact: true })).toBeVisible();
  const before = await newestStep(page, panel);

  await daymark.stop();
  await expect(page.getByText(/^Reconnecting, showing data until \d\d:\d\d:\d\d$/)).toBeVisible();
  await expect(page.getByText(/^Connection lost \d+ s ago\.$/)).toBeVisible();
  // What was known is still there.
  expect((await readTable(page, panel)).rows.some(({ ms }) => ms === before)).toBe(true);

  await daymark.run();
  await expect(page.getByText(/^Reconnecting/)).toBeHidden({ timeout: 20_000 });
  await expect(page.getByText("live", { exact: true })).toBeVisible();
  await expect.poll(() => newestStep(page, panel), { timeout: 20_000 }).toBeGreaterThan(before + 5000);

  const after = await readTable(page, panel);
  expect(after.rows.some(({ ms, cells }) => ms === before && cells[0] !== "")).toBe(true);
  await expectFresh(page);
  expect(complaints.besidesOutage()).toEqual([]);
});

test("a kill of the server is survived as well", async ({ page }) => {
  await page.goto(daymark.url);
  await expect(page.getByText("All calm:", { exact: true })).toBeVisible();
  const before = await newestStep(page, panel);
  await daymark.stop("SIGKILL");
  await expect(page.getByText(/^Reconnecting, showing data until/)).toBeVisible();
  await daymark.run();
  await expect.poll(() => newestStep(page, panel), { timeout: 20_000 }).toBeGreaterThan(before + 5000);
  await expectFresh(page);
});

test("a tab that slept resumes cleanly", async ({ page, context }) => {
  const complaints = await Complaints.of(page);
  await page.goto(daymark.url);
  await expect(page.getByText("All calm:", { exact: true })).toBeVisible();
  const before = await newestStep(page, panel);

  // Asleep, a tab runs no timers and hears nothing; awake, its clock has jumped.
  const session = await context.newCDPSession(page);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  await session.send("Page.setWebLifecycleState", { state: "active" });

  await expect.poll(() => newestStep(page, panel), { timeout: 20_000 }).toBeGreaterThan(before + 14_000);
  await expect(page.getByText("live", { exact: true })).toBeVisible();
  await expectFresh(page);
  expect(complaints.besidesOutage()).toEqual([]);
});
