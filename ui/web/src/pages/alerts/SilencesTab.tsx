import { TextInput } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "wouter";
import { failureWords } from "../../api/request";
import { fetchMutedCounts, fetchSilences, type SilenceState } from "../../api/silences";
import { usePolled } from "../../api/usePolled";
import { printMatchers } from "../../matchers/matcher";
import actions from "../../parts/actions.module.css";
import { Card } from "../../parts/Card";
import { Empty } from "../../parts/Empty";
import { ErrorText } from "../../parts/ErrorText";
import { Stepped } from "../../parts/Stepped";
import { formatCount } from "../../units/format";
import { silenceHref } from "../../url/links";
import { useAddress } from "../../url/useAddress";
import css from "./AlertsPage.module.css";
import { EndedBar } from "./EndedBar";
import { SilenceRow } from "./SilenceRow";
import { useExpire } from "./useExpire";
import { useRefetchOnAlerts } from "./useRefetch";

const states: readonly { readonly state: SilenceState; readonly title: string; readonly step: number }[] = [
  { state: "active", title: "Active", step: 50 },
  { state: "pending", title: "Pending", step: 50 },
  { state: "expired", title: "Expired", step: 10 },
];

/** The silences by their state. */
export function SilencesTab() {
  const [params, change] = useAddress();
  const silences = usePolled(["silences"], fetchSilences);
  const muted = usePolled(["silences", "muted"], fetchMutedCounts);
  useRefetchOnAlerts("silences");
  const expire = useExpire();
  const search = params.get("search") ?? "";
  const shown = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter((word) => word !== "");
    return (silences.data ?? []).filter((one) => {
      const text = [one.id, one.createdBy, one.comment, printMatchers(one.matchers)].join("\n").toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }, [silences.data, search]);
  return (
    <div className={css.tab}>
      <div className={css.tools}>
        <TextInput
          className={css.filter ?? ""}
          label="Search"
          placeholder="Matcher, name or comment"
          value={search}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => change({ search: event.currentTarget.value })}
        />
        <Link className={`${actions.button ?? ""} ${actions.main ?? ""} ${css.create ?? ""}`} href={silenceHref([])}>
          New silence
        </Link>
      </div>
      <EndedBar {...expire} />
      {silences.isPending && <div className={css.skeleton} role="status" aria-label="Loading" />}
      {silences.isError && silences.data === undefined && (
        <Empty tone="warning" title="The silences could not be read.">
          <ErrorText of="the silences" text={failureWords(silences.error)} />
        </Empty>
      )}
      {silences.data?.length === 0 && (
        <Empty tone="none" title="No silences.">
          <p>Every alert pages by its route. A silence is made from an alert that fires, or here with “New silence”.</p>
        </Empty>
      )}
      {silences.data !== undefined && silences.data.length > 0 && shown.length === 0 && <Empty tone="none" title="No silence matches." />}
      {states.map(({ state, title, step }) => {
        const list = shown.filter((silence) => silence.state === state);
        if (list.length === 0) return null;
        return (
          <Card key={state} title={title} aside={formatCount(list.length)}>
            <Stepped
              label={`${title} silences`}
              step={step}
              items={list.map((silence) => (
                <SilenceRow
                  key={silence.id}
                  silence={silence}
                  mutes={muted.data === undefined ? null : (muted.data.get(silence.id) ?? 0)}
                  busy={expire.busy}
                  expire={expire.expire}
                />
              ))}
            />
          </Card>
        );
      })}
    </div>
  );
}
