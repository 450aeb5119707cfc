import type { Unit } from "./format";

/** Grafana's ids of units, in Daymark's words. */
const units: Readonly<Record<string, Unit>> = {
  none: "plain", short: "count", string: "plain", sci: "plain", locale: "plain",
  percent: "percent", percentunit: "ratio",

  bytes: "bytes", decbytes: "decimal bytes", bits: "bits", decbits: "bits",
  binBps: "bytes/s", Bps: "decimal bytes/s", binbps: "bits/s", bps: "bits/s",

  ns: "nanoseconds", µs: "microseconds", ms: "milliseconds", s: "seconds", m: "minutes", h: "hours", d: "days",
  dtdurations: "duration", clocks: "duration", dthms: "duration",
  dateTimeAsIso: "timestamp", dateTimeAsLocal: "timestamp", dateTimeAsSystem: "timestamp", dateTimeAsUS: "timestamp",
  dateTimeAsIsoNoDateIfToday: "timestamp", dateTimeAsLocalNoDateIfToday: "timestamp", dateTimeFromNow: "timestamp",

  cps: "per second", ops: "count:ops/s", reqps: "count:req/s", rps: "count:reads/s", wps: "count:writes/s", iops: "count:io/s",
  eps: "count:events/s", mps: "count:messages/s", recps: "count:records/s", rowsps: "count:rows/s", pps: "count:packets/s",
  cpm: "count:/min", opm: "count:ops/min", reqpm: "count:req/min", rpm: "count:reads/min", wpm: "count:writes/min",

  hertz: "si:Hz", rothz: "si:Hz", rotrpm: "suffix:rpm", watt: "si:W", volt: "si:V", amp: "si:A", joule: "si:J", watth: "si:Wh",
  celsius: "suffix:°C", fahrenheit: "suffix:°F", kelvin: "suffix:K", humidity: "suffix:%H", degree: "suffix:°", dB: "suffix:dB", dBm: "suffix:dBm",
  lengthm: "si:m", massg: "si:g", flops: "si:FLOP/s", ppm: "suffix:ppm", pixel: "suffix:px",

  currencyUSD: "currency:$", currencyEUR: "currency:€", currencyGBP: "currency:£", currencyJPY: "currency:¥", currencyINR: "currency:₹",
  currencyKRW: "currency:₩", currencyBRL: "currency:R$", currencyUAH: "currency:₴", currencyBTC: "currency:฿",
  currencyCHF: "currency:CHF ", currencyPLN: "currency:PLN ", currencySEK: "count:kr", currencyNOK: "count:kr", currencyDKK: "count:kr", currencyCZK: "currency:CZK ",
};

const multiples: Readonly<Record<string, Unit>> = {
  kbytes: `times:${2 ** 10}:bytes`, mbytes: `times:${2 ** 20}:bytes`, gbytes: `times:${2 ** 30}:bytes`, tbytes: `times:${2 ** 40}:bytes`,
  deckbytes: "times:1e3:decimal bytes", decmbytes: "times:1e6:decimal bytes", decgbytes: "times:1e9:decimal bytes", dectbytes: "times:1e12:decimal bytes",
  KBs: "times:1e3:decimal bytes/s", MBs: "times:1e6:decimal bytes/s", GBs: "times:1e9:decimal bytes/s",
  KiBs: `times:${2 ** 10}:bytes/s`, MiBs: `times:${2 ** 20}:bytes/s`, GiBs: `times:${2 ** 30}:bytes/s`,
  Kbits: "times:1e3:bits/s", Mbits: "times:1e6:bits/s", Gbits: "times:1e9:bits/s",
  dtdurationms: "milliseconds",
};

/** The unit that a dashboard names; one that is not known is written behind the number as it stands. */
export function unitOf(id: string | undefined): Unit {
  if (id === undefined || id === "") return "count";
  const found = (Object.hasOwn(units, id) ? units[id] : undefined) ?? (Object.hasOwn(multiples, id) ? multiples[id] : undefined);
  if (found !== undefined) return found;
  const [form = "", ...rest] = id.split(":");
  const name = rest.join(":");
  switch (form) {
    case "suffix":
      return `suffix:${name}`;
    case "prefix":
    case "currency":
      return `currency:${name}`;
    case "si":
      return `si:${name}`;
    case "count":
      return `count:${name}`;
    case "time":
      return "timestamp";
    default:
      return `suffix:${id}`;
  }
}
