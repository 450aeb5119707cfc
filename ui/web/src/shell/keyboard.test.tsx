import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeSocket } from "../testing/fakeSocket";
import { golden } from "../testing/golden";
import { hello, renderPage, type Played } from "../testing/page";
import { SchemeMenu } from "./SchemeMenu";
import { useTitle } from "./useTitle";

let page: Played | null = null;

beforeEach(() => {
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
});
afterEach(() => page?.stop());

it("the colours menu opens on the current choice, and closes after a choice with the focus on its button", async () => {
  page = renderPage(<SchemeMenu />);
  const button = screen.getByRole("button", { name: /^Colours/ });
  button.focus();
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("menuitemradio", { checked: true })));
  await userEvent.keyboard("{ArrowDown}{Enter}");
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(button));
});

it("the title tells how many alerts fire", () => {
  function Titled({ page: name }: { page: string | null }) {
    useTitle(name);
    return null;
  }
  page = renderPage(<Titled page={null} />);
  expect(document.title).toBe("Daymark");
  const alerts = JSON.parse(golden("alerts")) as object;
  page.say(hello(Date.now()), { type: "topic", topic: "alerts", body: alerts });
  expect(document.title).toBe("(2) Daymark");
  page.say({ type: "topic", topic: "alerts", body: { ...alerts, firing: 0, alerts: [] } });
  expect(document.title).toBe("Daymark");
  page.stop();
  page = renderPage(<Titled page="Explore" />);
  expect(document.title).toBe("Explore · Daymark");
});
