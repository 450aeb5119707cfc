import { expect, it } from "vitest";
import { found, tagCounts } from "./search";

const one = (title: string, ...tags: string[]) => ({ uid: title, title, description: `about ${title}`, tags, builtIn: true, panels: 1 });
const all = [one("This machine", "built-in", "machine"), one("Payment", "built-in", "shop"), one("HTTP services", "shop", "shop")];

it.each([
  ["", "", 3], ["pay", "", 1], ["PAY ment", "", 1], ["about", "", 3], ["shop", "", 2], ["", "shop", 2], ["http", "built-in", 0], ["nothing", "", 0],
])("finds %j with the tag %j", (query, tag, count) => {
  expect(found(all, query, tag)).toHaveLength(count);
});

it("counts tags once for each dashboard", () => {
  expect(tagCounts(all)).toEqual([["built-in", 2], ["shop", 2], ["machine", 1]]);
});
