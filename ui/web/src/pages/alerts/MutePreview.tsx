import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "wouter";
import { failureWords } from "../../api/request";
import { fetchMatched } from "../../api/silences";
import { useAlerts } from "../../live/useLive";
import { matching } from "../../matchers/match";
import { printMatchers, type Matcher } from "../../matchers/matcher";
import actions from "../../parts/actions.module.css";
import { Card } from "../../parts/Card";
import { ErrorText } from "../../parts/ErrorText";
import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { Stepped } from "../../parts/Stepped";
import { counted } from "../../units/format";
import { alertHref } from "../../url/links";
import { LabelList } from "../overview/LabelList";
import { severityOf } from "./severity";
import css from "./SilenceForm.module.css";

const step = 10;
const pauseMs = 250;

/** What the matchers select of what fires now, counted by the server; matchers null: they are not complete. */
export function MutePreview({ matchers, title }: { matchers: readonly Matcher[] | null; title: string }) {
  const [asked] = useDebouncedValue(matchers, pauseMs);
  const { data, error, isError, isPending } = useQuery({
    queryKey: ["matched", asked === null ? "" : printMatchers(asked)],
    queryFn: ({ signal }) => fetchMatched(asked ?? [], signal),
    enabled: asked !== null,
    refetchInterval: 5000,
    retry: false,
    networkMode: "always",
    placeholderData: keepPreviousData,
  });
  const alerts = useAlerts();
  const pending = useMemo(() => {
    const holds = matchers === null ? null : matching(matchers);
    return holds === null ? 0 : (alerts?.alerts ?? []).filter((alert) => alert.state === "pending" && holds(alert.labels)).length;
  }, [matchers, alerts]);
  const said = matchers === null ? "" : isError ? "unknown" : data === undefined ? "" : counted(data.length, "alert");
  return (
    <Card title={title} aside={<span role="status">{said}</span>}>
      {matchers === null && <p className={css.dim}>Name a label in every matcher, and what they select stands here.</p>}
      {matchers !== null && isError && <ErrorText of="the matchers" text={failureWords(error)} />}
      {matchers !== null && !isError && isPending && <p className={css.dim}>Counting.</p>}
      {matchers !== null && !isError && data?.length === 0 && (
        <p className={css.dim}>Nothing that fires now. It would mute what comes while it lasts.</p>
      )}
      {matchers !== null && !isError && data !== undefined && data.length > 0 && (
        <Stepped
          label="Alerts it mutes"
          step={step}
          items={data.map((alert) => (
            <li key={alert.fingerprint} className={css.muted}>
              <SeverityGlyph tone={severityOf(alert.labels)} size={12} />
              <div className={css.mutedBody}>
                <Link className={actions.text ?? ""} href={alertHref(alert.fingerprint)}>
                  {alert.labels.alertname ?? "(no name)"}
                </Link>
                {alert.silencedBy.length > 0 && <span className={css.dim}> already silenced</span>}
                <LabelList labels={alert.labels} without={["alertname"]} />
              </div>
            </li>
          ))}
        />
      )}
      {pending > 0 && <p className={css.dim}>And {counted(pending, "alert")} that {pending === 1 ? "is" : "are"} pending, should {pending === 1 ? "it" : "they"} fire.</p>}
    </Card>
  );
}
