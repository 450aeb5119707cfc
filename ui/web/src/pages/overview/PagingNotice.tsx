import { Disclosure } from "../../parts/Disclosure";
import { PagingHelp } from "./PagingHelp";

/** Says that the built-in route only shows alerts, and how to change that. */
export function PagingNotice({ configFile }: { configFile: string }) {
  return (
    <Disclosure
      tone="info"
      summary={
        <>
          <strong>Alerts are sent to nobody yet.</strong> They are shown here only.
        </>
      }
      action="How to change that"
    >
      <PagingHelp configFile={configFile} />
    </Disclosure>
  );
}
