import type { Alerts, Severity, Status, Targets } from "../../api/types";
import type { Connection } from "../../live/socket";
import type { Tone } from "../../parts/SeverityGlyph";
import type { Clock } from "../../time/clock";
import { ago, spokenDuration } from "../../time/duration";
import { counted, formatCount } from "../../units/format";

/** What the sentence is made from; null where it has not been heard yet. */
export interface Known {
  readonly connection: Connection;
  readonly status: Status | null;
  readonly alerts: Alerts | null;
  readonly targets: Targets | null;
  /** The newest commit that any panel was fed by; 0 if none. */
  readonly fedMs: number;
  /** The server's clock. */
  readonly nowMs: number;
}

/** The state in one sentence. */
export interface Sentence {
  readonly tone: Tone;
  /** The first words: is it bad? */
  readonly lead: string;
  /** For whom, since when, how fresh. */
  readonly rest: string;
  /** The same without what changes every second: what a screen reader is told when it changes. */
  readonly spoken: string;
}

/** Nothing has come in for this long: what is shown may no longer be true. */
function silentAfterMs(status: Status): number {
  const slowest = Math.max(status.scrapeIntervalMs, status.inProcessIntervalMs, ...status.jobs.map((job) => job.intervalMs));
  return 2 * slowest + 10_000;
}

function severityCounts(alerts: Alerts): string {
  const firing = alerts.alerts.filter((alert) => alert.state === "firing");
  const of = (severity: Severity) => firing.filter((alert) => alert.severity === severity).length;
  const parts: string[] = [];
  for (const severity of ["critical", "warning", "info"] as const) {
    const n = of(severity);
    if (n > 0) parts.push(severity === "warning" ? counted(n, "warning") : `${formatCount(n)} ${severity}`);
  }
  const other = alerts.firing - parts.reduce((sum, part) => sum + Number(part.replace(/\D/g, "")), 0);
  if (other > 0) parts.push(parts.length === 0 ? counted(other, "alert") : `${formatCount(other)} more`);
  return parts.join(", ");
}

function firingPart(alerts: Alerts, nowMs: number, clock: Clock): { tone: Tone; text: string; spoken: string } | null {
  if (alerts.firing === 0) return null;
  const firing = alerts.alerts.filter((alert) => alert.state === "firing");
  const worst = firing.find((alert) => alert.status !== "suppressed") ?? firing[0];
  const mutedAlerts = firing.filter((alert) => alert.status === "suppressed");
  const muted = mutedAlerts.length;
  const how = mutedAlerts.every((alert) => alert.silencedBy.length > 0) ? "silenced" : "suppressed";
  const tone = worst === undefined || worst.status === "suppressed" || worst.severity === "none" ? "info" : worst.severity;
  if (worst === undefined) return { tone: "warning", text: `${counted(alerts.firing, "alert")} firing`, spoken: `${counted(alerts.firing, "alert")} firing` };
  const silenced = muted === 0 ? "" : muted === alerts.firing ? `, all ${how}` : `, ${formatCount(muted)} ${how}`;
  const what = alerts.firing === 1 ? worst.name : `${severityCounts(alerts)} firing, first ${worst.name}`;
  const verb = alerts.firing === 1 ? " is firing" : "";
  const since = ` since ${clock.short(worst.sinceMs, nowMs)}`;
  return {
    tone,
    text: `${what}${verb}${since} (${ago(nowMs - worst.sinceMs)})${silenced}`,
    spoken: `${what}${verb}${since}${silenced}`,
  };
}

function targetsPart(targets: Targets): { bad: boolean; text: string } {
  const all = targets.up + targets.down + targets.unknown;
  const waiting = targets.unknown > 0 ? `, ${formatCount(targets.unknown)} not scraped yet` : "";
  if (targets.down === 0) return { bad: false, text: `${counted(targets.up, "target")} up${waiting}` };
  if (targets.up === 0 && targets.unknown === 0) {
    return { bad: true, text: all === 1 ? "the only target is down" : `all ${formatCount(all)} targets are down` };
  }
  return { bad: true, text: `${formatCount(targets.down)} of ${counted(all, "target")} down${waiting}` };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function build(tone: Tone, lead: string, rest: string, spoken = `${lead} ${rest}`.trim()): Sentence {
  return { tone, lead, rest, spoken };
}

/** Writes the state in one sentence. Ages come from the server's clock; clock only names moments. */
export function stateSentence(known: Known, clock: Clock): Sentence {
  const { connection, status, alerts, targets, nowMs } = known;
  if (status?.ready === false && connection.status === "live") {
    const percent = status.loading === null ? "" : `, ${Math.round(status.loading.percent)} %`;
    const stage = status.loading === null ? "" : ` ${capital(status.loading.stage)}.`;
    return build("info", `Loading history${percent}.`, `${stage} Scraping and alerting begin when it is read.`.trim(), "Loading history.");
  }
  if (status === null || alerts === null || targets === null) {
    return connection.status === "lost"
      ? build("warning", "No answer from Daymark.", "This page keeps trying.")
      : build("none", "Connecting to Daymark.", "");
  }
  if (connection.status === "lost" || connection.status === "paused") {
    const last = calmOrNot({ ...known, nowMs: connection.untilMs }, status, alerts, targets, clock);
    const lost = `Connection lost ${ago(nowMs - connection.untilMs)}.`;
    return build(
      last.tone === "healthy" ? "warning" : last.tone,
      lost,
      `At ${clock.exact(connection.untilMs, nowMs)}: ${last.lead} ${last.rest}`.trim(),
      `Connection lost. Before: ${last.spoken}`,
    );
  }
  return calmOrNot(known, status, alerts, targets, clock);
}

function calmOrNot(known: Known, status: Status, alerts: Alerts, targets: Targets, clock: Clock): Sentence {
  const { nowMs } = known;
  const all = targets.up + targets.down + targets.unknown;
  const firing = firingPart(alerts, nowMs, clock);
  const lastMs = Math.max(status.lastCommitMs, targets.lastScrapeMs, known.fedMs);
  const ageMs = nowMs - lastMs;
  const silent = lastMs > 0 && all > 0 && ageMs > silentAfterMs(status);
  const fresh = lastMs === 0 ? "no sample yet" : `last sample ${ago(ageMs)}`;
  const pending = alerts.pending > 0 ? `, ${formatCount(alerts.pending)} pending` : "";

  if (firing !== null) {
    const up = all === 0 ? "no targets" : targetsPart(targets).text;
    return build(
      firing.tone,
      `${firing.text}.`,
      `${capital(up)}${pending}, ${fresh}.`,
      `${firing.spoken}. ${capital(up)}${pending}.`,
    );
  }
  if (all === 0) {
    const next = status.configFile === "" ? "Daymark has nothing to scrape." : `${status.configFile} names none that can be found.`;
    return build("info", "No targets yet.", `${next} Nothing firing.`);
  }
  const { bad, text } = targetsPart(targets);
  if (bad) {
    return build("critical", `${capital(text)}.`, `Nothing firing${pending}, ${fresh}.`, `${capital(text)}. Nothing firing${pending}.`);
  }
  if (silent) {
    return build("warning", `No new samples for ${spokenDuration(ageMs)}.`, `${text}, nothing firing${pending}.`, `No new samples. ${text}, nothing firing${pending}.`);
  }
  if (targets.up === 0) {
    return build("info", "Starting.", `${counted(targets.unknown, "target")} not scraped yet, nothing firing${pending}.`);
  }
  return build(
    "healthy",
    "All calm:",
    `${text}, nothing firing${pending}, ${fresh}.`,
    `All calm: ${text}, nothing firing${pending}.`,
  );
}
