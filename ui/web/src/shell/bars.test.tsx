import { screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeSocket } from "../testing/fakeSocket";
import { golden } from "../testing/golden";
import { hello, renderPage, type Played } from "../testing/page";
import { Bars } from "./Bars";
import { ErrorBoundary } from "./ErrorBoundary";

let page: Played | null = null;

beforeEach(() => {
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
});
afterEach(() => {
  page?.stop();
  vi.restoreAllMocks();
});

const now = Date.UTC(2026, 9, 12, 5, 47, 12);

it("say nothing while all is well", () => {
  page = renderPage(<Bars />);
  page.say(hello(now));
  expect(screen.queryByRole("status")).toBeNull();
});

it("say until when data is shown while the connection is lost", () => {
  page = renderPage(<Bars />);
  page.say(hello(now));
  page.drop();
  expect(screen.getByText(/^Reconnecting, showing data until .*\d\d:\d\d:12$/)).toBeTruthy();
});

it("say that there is no login", () => {
  page = renderPage(<Bars />);
  page.say(hello(now), { type: "topic", topic: "status", body: JSON.parse(golden("status-loading")) as unknown });
  expect(screen.getByText(/there is no login/)).toBeTruthy();
});

it("offer to reload a page that its server has outgrown", () => {
  page = renderPage(<Bars />);
  page.say(hello(now), { type: "frame", words: "that this page does not know" });
  expect(screen.getByText(/^A newer Daymark is running, and speaks another language\./)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Reload" })).toBeTruthy();
});

it("a page that cannot be drawn says so", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const Broken = () => {
    throw new Error("no such field");
  };
  page = renderPage(
    <ErrorBoundary>
      <Broken />
    </ErrorBoundary>,
  );
  expect(screen.getByRole("alert").textContent).toContain("no such field");
  expect(screen.getByRole("button", { name: "Reload" })).toBeTruthy();
});
