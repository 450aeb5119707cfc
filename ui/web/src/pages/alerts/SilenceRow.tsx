import { useState } from "react";
import { Link } from "wouter";
import type { SilenceEntry } from "../../api/silences";
import { printMatchers } from "../../matchers/matcher";
import actions from "../../parts/actions.module.css";
import { Clamped } from "../../parts/Clamped";
import { counted } from "../../units/format";
import { LiveMoment, LiveUntil } from "../LiveMoment";
import { MatcherList } from "./MatcherList";
import css from "./SilenceRow.module.css";

export interface SilenceRowProps {
  readonly silence: SilenceEntry;
  /** How many alerts it mutes now; null: not known. */
  readonly mutes: number | null;
  readonly busy: boolean;
  readonly expire: (silence: SilenceEntry) => void;
  /** It is the page itself, not one of a list. */
  readonly alone?: boolean;
}

function Times({ silence }: { silence: SilenceEntry }) {
  switch (silence.state) {
    case "active":
      return (
        <>
          until <LiveUntil ms={silence.endsMs} />
        </>
      );
    case "pending":
      return (
        <>
          from <LiveUntil ms={silence.startsMs} />, until <LiveUntil ms={silence.endsMs} />
        </>
      );
    case "expired":
      return (
        <>
          ended <LiveMoment ms={silence.endsMs} />
        </>
      );
    default:
      return silence.state satisfies never;
  }
}

/** One silence: what it selects, who made it and why, until when, how much it mutes, and what can be done with it. */
export function SilenceRow({ silence, mutes, busy, expire, alone = false }: SilenceRowProps) {
  const [asking, setAsking] = useState(false);
  const address = `/alerts/silences/${encodeURIComponent(silence.id)}`;
  const name = printMatchers(silence.matchers);
  const renewed = new URLSearchParams({ filter: name, comment: silence.comment });
  return (
    <li className={css.row}>
      <MatcherList matchers={silence.matchers} />
      {silence.comment !== "" && <Clamped className={css.comment} text={silence.comment} lines={alone ? 12 : 3} />}
      <p className={css.facts}>
        <span>by {silence.createdBy === "" ? "nobody named" : silence.createdBy}</span>
        {alone && (
          <span>
            made <LiveMoment ms={silence.startsMs} />
          </span>
        )}
        <span>
          <Times silence={silence} />
        </span>
        {silence.state === "active" && mutes !== null && (
          <span className={mutes > 0 ? css.mutes : undefined}>{mutes === 0 ? "mutes nothing now" : `mutes ${counted(mutes, "alert")} now`}</span>
        )}
      </p>
      <div className={actions.row}>
        {!alone && (
          <Link className={actions.button ?? ""} href={address} aria-label={`Show ${name}`}>
            Show
          </Link>
        )}
        {silence.state !== "expired" && (
          <Link className={actions.button ?? ""} href={`${address}/edit`} aria-label={`Edit ${name}`}>
            Edit
          </Link>
        )}
        {silence.state === "expired" && (
          <Link className={actions.button ?? ""} href={`/alerts/silences/new?${renewed.toString()}`} aria-label={`Silence ${name} again`}>
            Silence again
          </Link>
        )}
        {silence.state !== "expired" && !asking && (
          <button type="button" className={actions.button} disabled={busy} aria-label={`Expire ${name}`} onClick={() => setAsking(true)}>
            Expire
          </button>
        )}
        {asking && silence.state !== "expired" && (
          <span className={css.confirm} role="group" aria-label="Expire this silence?">
            <span>{mutes !== null && mutes > 0 ? `${counted(mutes, "alert")} will page again.` : "End it now?"}</span>
            <button
              type="button"
              className={`${actions.button ?? ""} ${css.danger ?? ""}`}
              autoFocus
              disabled={busy}
              onClick={() => {
                setAsking(false);
                expire(silence);
              }}
            >
              Expire now
            </button>
            <button type="button" className={actions.button} onClick={() => setAsking(false)}>
              Keep
            </button>
          </span>
        )}
      </div>
    </li>
  );
}
