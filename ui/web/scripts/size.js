// Fails when the first page's JavaScript is larger than promised (docs: 230 KB compressed).
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const limit = 230 * 1000;
const folder = new URL("../../../embed/ui/assets/", import.meta.url);

let total = 0;
for (const name of readdirSync(folder).sort()) {
  if (!name.endsWith(".js") && !name.endsWith(".css")) continue;
  const bytes = gzipSync(readFileSync(new URL(name, folder)), { level: 6 }).length;
  console.log(`${String(bytes).padStart(8)}  ${name}`);
  if (name.endsWith(".js")) total += bytes;
}
console.log(`${String(total).padStart(8)}  JavaScript of the first page, compressed; the limit is ${limit}`);
if (total > limit) process.exit(1);
