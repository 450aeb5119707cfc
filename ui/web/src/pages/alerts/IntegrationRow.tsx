import { useMutation } from "@tanstack/react-query";
import { testReceiver, type Integration, type TestResult } from "../../api/receivers";
import { failureWords } from "../../api/request";
import actions from "../../parts/actions.module.css";
import { ErrorText } from "../../parts/ErrorText";
import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { formatValue } from "../../units/format";
import css from "./IntegrationRow.module.css";

function Answer({ result, of }: { result: TestResult; of: string }) {
  const took = formatValue(result.durationMs / 1000, "seconds");
  return (
    <div className={css.answer}>
      <p>
        <SeverityGlyph tone={result.ok ? "healthy" : "critical"} size={11} /> {result.ok ? "Delivered" : "Not delivered"}
        {result.status > 0 && `, status ${result.status}`}, in {took}
      </p>
      {result.error !== "" && <ErrorText text={result.error} of={of} lines={6} />}
      {result.answer !== "" && (
        <pre className={css.body} tabIndex={0} aria-label={`Answer to the test of ${of}`}>
          {result.answer}
        </pre>
      )}
    </div>
  );
}

/** One way by which a receiver is told, with a test that shows what the other side answers. */
export function IntegrationRow({ receiver, integration }: { receiver: string; integration: Integration }) {
  const test = useMutation({ mutationFn: () => testReceiver(receiver, integration) });
  const name = `${receiver} by ${integration.name}${integration.index > 0 ? ` ${integration.index + 1}` : ""}`;
  return (
    <li className={css.row}>
      <p className={css.head}>
        <strong>{integration.name}</strong>
        {integration.target !== "" && <code className={css.target}>{integration.target}</code>}
        <span className={css.dim}>{integration.sendResolved ? "tells when it is over" : "does not tell when it is over"}</span>
        <button type="button" className={`${actions.button ?? ""} ${css.test ?? ""}`} disabled={test.isPending} aria-label={`Test ${name}`} onClick={() => test.mutate()}>
          {test.isPending ? "Sending" : "Send a test"}
        </button>
      </p>
      <div role="status">
        {test.isError && <ErrorText of={name} text={failureWords(test.error)} lines={6} />}
        {test.isSuccess && test.data.map((result) => <Answer key={`${result.integration} ${result.index}`} result={result} of={name} />)}
      </div>
    </li>
  );
}
