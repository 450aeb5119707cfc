import { expect } from "@playwright/test";

/** Posts to Alertmanager's API, again until the server has read its history. */
export async function post(url: string, body: unknown): Promise<void> {
  await expect(async () => {
    const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
  }).toPass({ timeout: 20_000 });
}
