// A small shop for the pictures of the documentation: an HTTP server whose /metrics counts invented payments under the
// names that the rule packs know. From troubleSeconds on the payment provider is slow, connections are held, and the
// gateway's two seconds run out.
import { createServer } from "node:http";

const bounds = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16];
const poolSize = 200;

/** A cumulative histogram. */
class Histogram {
  counts = bounds.map(() => 0);
  count = 0;
  sum = 0;

  /** @param {number} seconds @param {number} times */
  observe(seconds, times) {
    bounds.forEach((bound, i) => {
      if (seconds <= bound) this.counts[i] = (this.counts[i] ?? 0) + times;
    });
    this.count += times;
    this.sum += seconds * times;
  }

  /** @param {string} name @param {string} labels */
  lines(name, labels) {
    const buckets = bounds.map((bound, i) => `${name}_bucket{${labels},le="${bound}"} ${this.counts[i] ?? 0}`);
    return [...buckets, `${name}_bucket{${labels},le="+Inf"} ${this.count}`, `${name}_sum{${labels}} ${this.sum}`, `${name}_count{${labels}} ${this.count}`];
  }
}

/** @param {number} low @param {number} high */
const between = (low, high) => low + Math.random() * (high - low);

/**
 * Starts the shop on a free port of loopback.
 * @param {number} troubleSeconds
 */
export async function openShop(troubleSeconds) {
  const opened = Date.now();
  const regions = [{ region: "eu", rate: 80 }, { region: "us", rate: 35 }];
  /** @type {Map<string, Histogram>} */
  const histograms = new Map();
  /** @type {Map<string, number>} */
  const counters = new Map();
  /** @param {string} name @param {string} labels @param {number} seconds @param {number} times */
  const observe = (name, labels, seconds, times) => {
    const key = `${name}|${labels}`;
    const histogram = histograms.get(key) ?? new Histogram();
    histograms.set(key, histogram);
    histogram.observe(seconds, times);
  };
  /** @param {string} series @param {number} by */
  const add = (series, by) => counters.set(series, (counters.get(series) ?? 0) + by);
  let inUse = 30;
  let waiting = 0;

  const tick = () => {
    const trouble = Math.min(1, Math.max(0, (Date.now() - opened) / 1000 - troubleSeconds) / 10);
    const target = trouble === 0 ? between(28, 40) : poolSize * (0.2 + 0.8 * trouble);
    inUse = Math.min(poolSize, Math.round(inUse + (target - inUse) / 3 + between(0, 2)));
    waiting = inUse >= poolSize - 4 ? Math.round(between(20, 60)) : 0;
    for (const { region, rate } of regions) {
      const calls = Math.round(rate * between(0.9, 1.1));
      const late = region === "eu" ? 0.4 * trouble : 0.12 * trouble;
      for (let i = 0; i < calls; i++) {
        const slow = Math.random() < late;
        const provider = slow ? between(8, 12) : between(0.2, 0.4);
        const payment = slow ? between(2, 2.6) : provider + between(0.02, 0.08);
        const outcome = slow ? "timeout" : Math.random() < 0.004 ? "failure" : "success";
        observe("provider_request_duration_seconds", `provider="acme",outcome="${outcome}"`, provider, 1);
        observe("payment_duration_seconds", `provider="acme",region="${region}",outcome="${outcome}"`, payment, 1);
        observe("http_request_duration_seconds", `service="gateway",route="/pay",method="POST",code="${slow ? 504 : 200}",region="${region}"`, Math.min(payment + 0.01, 2.01), 1);
        add(`payments_total{provider="acme",region="${region}",outcome="${outcome}"}`, 1);
        if (outcome === "success") add(`revenue_dollars_total{region="${region}"}`, between(20, 60));
      }
      for (const [service, route, share, seconds] of /** @type {const} */ ([["web", "/", 3, 0.04], ["web", "/account", 1, 0.12], ["catalogue", "/items", 2, 0.07]])) {
        observe("http_request_duration_seconds", `service="${service}",route="${route}",method="GET",code="200",region="${region}"`, seconds * between(0.5, 2), Math.round(calls * share));
      }
    }
  };
  tick();
  const timer = setInterval(tick, 1000);

  const server = createServer((_, response) => {
    /** @type {string[]} */
    const lines = [];
    let typed = "";
    for (const [key, histogram] of [...histograms].sort()) {
      const [name = "", labels = ""] = key.split("|");
      if (name !== typed) lines.push(`# TYPE ${name} histogram`);
      typed = name;
      lines.push(...histogram.lines(name, labels));
    }
    for (const [series, value] of [...counters].sort()) lines.push(`${series} ${value}`);
    lines.push("# TYPE pool_connections gauge", `pool_connections{pool="payment",state="in_use"} ${inUse}`);
    lines.push(`pool_connections{pool="payment",state="idle"} ${poolSize - inUse}`, `pool_connections{pool="payment",state="waiting"} ${waiting}`);
    lines.push("# TYPE pool_connections_max gauge", `pool_connections_max{pool="payment"} ${poolSize}`);
    response.setHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.end(`${lines.join("\n")}\n`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the shop has no port");
  return {
    address: `127.0.0.1:${address.port}`,
    close: () => {
      clearInterval(timer);
      server.close();
    },
  };
}
