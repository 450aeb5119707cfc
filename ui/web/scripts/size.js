// Fails when the first page's JavaScript is larger than promised (docs: 230 KB compressed): what index.html loads, the
// first page's own part, and all that these import before they run. What a page loads when it is opened is listed too.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const limit = 230 * 1000;
const firstPage = "OverviewPage-";
const root = new URL("../../../embed/ui/", import.meta.url);
const folder = new URL("assets/", root);
const names = readdirSync(folder).sort();
/** @param {string} name */
const text = (name) => readFileSync(new URL(name, folder), "utf8");

const first = new Set();
/** @param {string} name */
const add = (name) => {
  if (first.has(name) || !names.includes(name)) return;
  first.add(name);
  // Static imports only: import"./x.js" and from"./x.js"; import("./x.js") waits until it is called.
  for (const [, imported] of text(name).matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) add(imported ?? "");
};
for (const [, name] of readFileSync(new URL("index.html", root), "utf8").matchAll(/assets\/([^"]+\.js)/g)) add(name ?? "");
const pages = names.filter((name) => name.startsWith(firstPage) && name.endsWith(".js"));
if (first.size === 0 || pages.length !== 1) throw new Error(`index.html loads ${first.size} scripts, and there are ${pages.length} first pages`);
pages.forEach(add);

let total = 0;
for (const name of names) {
  if (!name.endsWith(".js") && !name.endsWith(".css")) continue;
  const bytes = gzipSync(readFileSync(new URL(name, folder)), { level: 6 }).length;
  console.log(`${String(bytes).padStart(8)}  ${name}${first.has(name) ? "  (first page)" : ""}`);
  if (first.has(name)) total += bytes;
}
console.log(`${String(total).padStart(8)}  JavaScript of the first page, compressed; the limit is ${limit}`);
if (total > limit) process.exit(1);
