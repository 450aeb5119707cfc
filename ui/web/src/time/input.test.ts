import { expect, it } from "vitest";
import { localInput, readLocalInput } from "./input";

it("reads what it writes, to the second", () => {
  const ms = new Date(2026, 9, 12, 5, 31, 4).getTime();
  expect(localInput(ms)).toBe("2026-10-12T05:31:04");
  expect(readLocalInput(localInput(ms))).toBe(ms);
});

it("knows of no moment in an empty field", () => {
  expect(readLocalInput("")).toBeNull();
});
