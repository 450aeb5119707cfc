import { useMemo } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { failureWords } from "../../api/request";
import { fetchMutedCounts, fetchSilences } from "../../api/silences";
import { usePolled } from "../../api/usePolled";
import type { Matcher } from "../../matchers/matcher";
import { parseMatchers } from "../../matchers/parse";
import actions from "../../parts/actions.module.css";
import { Card } from "../../parts/Card";
import { Empty } from "../../parts/Empty";
import { ErrorText } from "../../parts/ErrorText";
import css from "./AlertsPage.module.css";
import { lastCreator } from "./creator";
import { EndedBar } from "./EndedBar";
import { MutePreview } from "./MutePreview";
import { draftOf, newDraft } from "./silenceDraft";
import { SilenceForm } from "./SilenceForm";
import { SilenceRow } from "./SilenceRow";
import rowCss from "./SilenceRow.module.css";
import { useExpire } from "./useExpire";
import { useRefetchOnAlerts } from "./useRefetch";

const stateTitles = { active: "Active silence", pending: "Silence to come", expired: "Expired silence" } as const;

function readFilters(search: string): { matchers: readonly Matcher[]; comment: string; error: string } {
  const params = new URLSearchParams(search);
  const matchers: Matcher[] = [];
  const comment = params.get("comment") ?? "";
  for (const filter of params.getAll("filter")) {
    const parsed = parseMatchers(filter);
    if (!parsed.ok) return { matchers: [], comment, error: `The matchers in the address cannot be read: ${parsed.error}.` };
    matchers.push(...parsed.matchers);
  }
  return { matchers, comment, error: "" };
}

function NewSilence() {
  const [, navigate] = useLocation();
  const search = useSearch();
  const { first, error } = useMemo(() => {
    const { matchers, comment, error: problem } = readFilters(search);
    return { first: newDraft(matchers, lastCreator(), comment), error: problem };
  }, [search]);
  return (
    <>
      {error !== "" && <ErrorText of="the address" text={error} />}
      <SilenceForm key={search} first={first} original={null} done={(id) => navigate(`/alerts/silences/${encodeURIComponent(id)}`)} />
    </>
  );
}

function OneSilence({ id, edit }: { id: string; edit: boolean }) {
  const [, navigate] = useLocation();
  const silences = usePolled(["silences"], fetchSilences);
  const muted = usePolled(["silences", "muted"], fetchMutedCounts);
  useRefetchOnAlerts("silences");
  const expire = useExpire();
  const silence = silences.data?.find((one) => one.id === id);
  if (silences.isPending) return <div className={css.skeleton} role="status" aria-label="Loading" />;
  if (silences.data === undefined) {
    return (
      <Empty tone="warning" title="The silence could not be read.">
        <ErrorText of="the silence" text={failureWords(silences.error)} />
      </Empty>
    );
  }
  if (silence === undefined) {
    return (
      <Empty tone="none" title="There is no silence of this id.">
        <p>Expired silences are forgotten after some days.</p>
      </Empty>
    );
  }
  if (edit) {
    return <SilenceForm first={draftOf(silence)} original={silence} done={(now) => navigate(`/alerts/silences/${encodeURIComponent(now)}`)} />;
  }
  return (
    <>
      <EndedBar {...expire} />
      <Card title={stateTitles[silence.state]} aside={<code>{silence.id}</code>}>
        <ul className={rowCss.list}>
          <SilenceRow
            silence={silence}
            mutes={muted.data === undefined ? null : (muted.data.get(silence.id) ?? 0)}
            busy={expire.busy}
            expire={expire.expire}
            alone
          />
        </ul>
      </Card>
      {silence.state !== "expired" && (
        <MutePreview matchers={silence.matchers} title={silence.state === "active" ? "Alerts that fire and match" : "It will mute"} />
      )}
    </>
  );
}

/** One silence, or the form for a new one. */
export function SilencePage({ id, edit }: { id: string | null; edit: boolean }) {
  return (
    <div className={css.tab}>
      <p className={css.back}>
        <Link className={actions.text ?? ""} href="/alerts/silences">
          All silences
        </Link>
      </p>
      {id === null ? <NewSilence /> : <OneSilence id={id} edit={edit} />}
    </div>
  );
}
