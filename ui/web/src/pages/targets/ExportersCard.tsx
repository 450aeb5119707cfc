import { useMutation } from "@tanstack/react-query";
import { ignoreExporter, type Exporter } from "../../api/exporters";
import { failureWords } from "../../api/request";
import { useExporters } from "../../live/useLive";
import actions from "../../parts/actions.module.css";
import { Card } from "../../parts/Card";
import { ErrorText } from "../../parts/ErrorText";
import { SeverityGlyph, type Tone } from "../../parts/SeverityGlyph";
import { formatValue } from "../../units/format";
import { LiveAgo } from "../LiveMoment";
import css from "./ExportersCard.module.css";

const states: Readonly<Record<Exporter["state"], { tone: Tone; word: string }>> = {
  scraped: { tone: "healthy", word: "scraped" },
  ignored: { tone: "none", word: "ignored" },
  covered: { tone: "info", word: "covered already" },
};

function Row({ exporter }: { exporter: Exporter }) {
  // What it is then comes with the topic.
  const change = useMutation({ mutationFn: (ignored: boolean) => ignoreExporter(exporter.url, ignored) });
  const { tone, word } = states[exporter.state];
  return (
    <li className={css.row}>
      <SeverityGlyph tone={tone} size={11} />
      <div className={css.body}>
        <p className={css.head}>
          <strong>{exporter.title}</strong>
          <span>{word}</span>
          <code className={css.url}>{exporter.url}</code>
          <span className={css.dim}>
            job {exporter.job}, seen <LiveAgo ms={exporter.lastSeenMs} />
          </span>
          {exporter.state !== "covered" && (
            <button
              type="button"
              className={`${actions.button ?? ""} ${css.act ?? ""}`}
              disabled={change.isPending}
              aria-label={exporter.state === "ignored" ? `Scrape ${exporter.title} on port ${exporter.port} again` : `Ignore ${exporter.title} on port ${exporter.port}`}
              onClick={() => change.mutate(exporter.state !== "ignored")}
            >
              {exporter.state === "ignored" ? "Scrape again" : "Ignore"}
            </button>
          )}
        </p>
        {exporter.reason !== "" && <p className={css.dim}>{exporter.reason}</p>}
        {change.isError && <ErrorText of={exporter.title} text={failureWords(change.error)} />}
      </div>
    </li>
  );
}

/** The exporters that were found listening on this machine, each to be ignored or scraped again. */
export function ExportersCard() {
  const exporters = useExporters();
  if (exporters === null) return null;
  const { probing, intervalMs, found } = exporters;
  if (!probing && found.length === 0) return null;
  return (
    <Card title="Found on this machine" aside={probing ? `looked for every ${formatValue(intervalMs / 1000, "seconds")}` : "not looked for any more"}>
      {found.length === 0 ? (
        <p className={css.none}>No exporter listens on a well-known port of this machine. One that is started appears by itself.</p>
      ) : (
        <ul className={css.list} aria-label="Exporters found on this machine">
          {found.map((exporter) => (
            <Row key={exporter.url} exporter={exporter} />
          ))}
        </ul>
      )}
    </Card>
  );
}
