import { Link } from "wouter";
import type { Alert } from "../../api/types";
import { useAlerts } from "../../live/useLive";
import actions from "../../parts/actions.module.css";
import { Clamped } from "../../parts/Clamped";
import { localClock } from "../../time/clock";
import { alertHref } from "../../url/links";
import css from "./MutedBy.module.css";

/** Why nobody is told of an alert: which silences, which other alerts, or the time of day. */
export function MutedBy({ alert, nowMs }: { alert: Alert; nowMs: number }) {
  const others = useAlerts()?.alerts ?? [];
  const { silencedBy, silences, inhibitedBy } = alert;
  return (
    <ul className={css.list} aria-label="Why nobody is paged">
      {silencedBy.map((id) => {
        const known = silences.find((silence) => silence.id === id);
        return (
          <li key={id}>
            <Link className={actions.text ?? ""} href={`/alerts/silences/${encodeURIComponent(id)}`}>
              Silenced
            </Link>
            {known === undefined ? ` by ${id}.` : ` until ${localClock.short(known.endsMs, nowMs)}${known.createdBy === "" ? "" : ` by ${known.createdBy}`}.`}
            {known !== undefined && known.comment !== "" && <Clamped text={`“${known.comment}”`} lines={2} />}
          </li>
        );
      })}
      {inhibitedBy.map((fingerprint) => (
        <li key={fingerprint}>
          Inhibited by{" "}
          <Link className={actions.text ?? ""} href={alertHref(fingerprint)}>
            {others.find((other) => other.fingerprint === fingerprint)?.name ?? fingerprint}
          </Link>
          .
        </li>
      ))}
      {silencedBy.length === 0 && inhibitedBy.length === 0 && <li>Muted by a time interval of its route.</li>}
    </ul>
  );
}
