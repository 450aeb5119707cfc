import { expect, it } from "vitest";
import { ServerClock } from "./serverClock";

it("takes the least delayed message for the difference", () => {
  let here = 1000;
  const clock = new ServerClock(() => here);
  expect(clock.now()).toBe(1000);
  clock.observe(61_000 - 300); // 300 ms under way
  here = 2000;
  clock.observe(62_000 - 20);
  here = 3000;
  clock.observe(63_000 - 900);
  expect(clock.now()).toBe(63_000 - 20);
});

it("follows a clock that was set back, after a while", () => {
  let here = 0;
  const clock = new ServerClock(() => here);
  clock.observe(100_000);
  for (let i = 0; i < 10; i++) {
    here += 1000;
    clock.observe(here + 500);
  }
  expect(clock.now()).toBe(here + 500);
});
