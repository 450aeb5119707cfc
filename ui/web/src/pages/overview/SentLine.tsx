import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { localClock } from "../../time/clock";
import type { Sent } from "./deliveries";
import css from "./AlertItem.module.css";

/** Where one page went. */
export function SentLine({ sent, nowMs }: { sent: Sent; nowMs: number }) {
  const at = (ms: number) => (
    <time dateTime={new Date(ms).toISOString()} title={localClock.full(ms)}>
      {localClock.exact(ms, nowMs)}
    </time>
  );
  switch (sent.kind) {
    case "sent":
      return (
        <li>
          <SeverityGlyph tone="healthy" size={10} /> Sent to {sent.to} at {at(sent.atMs)}
        </li>
      );
    case "failed":
      return (
        <li className={css.failed}>
          <SeverityGlyph tone="critical" size={10} /> Not delivered to {sent.to} at {at(sent.atMs)}:{" "}
          <code className={css.error}>{sent.error}</code>
        </li>
      );
    case "shown":
      return <li>Shown here at {at(sent.atMs)}, sent to nobody</li>;
    case "waiting":
      return <li>Goes to {sent.to}, not sent yet</li>;
    default:
      return sent satisfies never;
  }
}
