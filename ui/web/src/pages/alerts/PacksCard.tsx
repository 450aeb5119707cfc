import { Switch } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { fetchPacks, switchPack, type Pack, type Packs } from "../../api/packs";
import { failureWords } from "../../api/request";
import { usePolled } from "../../api/usePolled";
import { useStatus } from "../../live/useLive";
import { Card } from "../../parts/Card";
import { Clamped } from "../../parts/Clamped";
import { CodeLines } from "../../parts/CodeLines";
import { Disclosure } from "../../parts/Disclosure";
import { ErrorText } from "../../parts/ErrorText";
import { SeverityGlyph, type Tone } from "../../parts/SeverityGlyph";
import { counted } from "../../units/format";
import css from "./PacksCard.module.css";

function stateOf({ state, enabled, rules }: Pack, asked: boolean): { tone: Tone; words: string } {
  switch (state) {
    case "on":
      return { tone: "healthy", words: `on, ${counted(rules, "rule")}` };
    case "waiting":
      return { tone: "info", words: "waiting for its metrics" };
    case "off":
      return { tone: "none", words: enabled && !asked ? "not asked for" : "switched off" };
    default:
      return state satisfies never;
  }
}

function PackRow({ pack, asked }: { pack: Pack; asked: boolean }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (enabled: boolean) => switchPack(pack.name, enabled),
    onSuccess: (now) => {
      client.setQueryData<Packs>(["packs"], (before) => before && { ...before, packs: before.packs.map((one) => (one.name === now.name ? now : one)) });
      void client.invalidateQueries({ queryKey: ["rules"] });
    },
  });
  const { tone, words } = stateOf(pack, asked);
  return (
    <li className={css.row}>
      <Switch
        size="sm"
        checked={asked && (change.isPending ? change.variables : pack.enabled)}
        disabled={!asked || change.isPending}
        aria-label={pack.title}
        withThumbIndicator={false}
        onChange={(event) => change.mutate(event.currentTarget.checked)}
      />
      <div className={css.body}>
        <p className={css.head}>
          <strong>{pack.title}</strong>
          <span className={css.state}>
            <SeverityGlyph tone={tone} size={10} /> {words}
          </span>
        </p>
        {pack.description !== "" && <Clamped className={css.dim} text={pack.description} lines={2} />}
        {pack.state === "waiting" && pack.needs.length > 0 && (
          <Clamped className={css.dim} text={`It begins when one of these exists: ${pack.needs.join(", ")}`} lines={2} />
        )}
        {change.isError && <ErrorText of={pack.title} text={failureWords(change.error)} />}
      </div>
    </li>
  );
}

/** The packs of rules that Daymark brings along, each with a switch. */
export function PacksCard() {
  const packs = usePolled(["packs"], fetchPacks);
  const status = useStatus();
  const file = status?.configFile ?? "";
  if (packs.data === undefined) {
    return packs.isError ? (
      <Card title="Built-in packs">
        <ErrorText of="the packs" text={failureWords(packs.error)} />
      </Card>
    ) : null;
  }
  const { asked, packs: list } = packs.data;
  const on = list.filter((pack) => pack.state === "on").length;
  return (
    <Card title="Built-in packs" aside={asked ? `${on} of ${list.length} on` : "not asked for"}>
      {!asked && (
        <Disclosure
          tone="info"
          summary={
            <>
              <strong>{file === "" ? "The configuration" : file} does not ask for them.</strong> Its own rules are all that is evaluated.
            </>
          }
          action="How to have them"
        >
          <p>Add this line at the outermost level, and reload (SIGHUP, or POST to <code>/-/reload</code>):</p>
          <CodeLines label="The line that asks for packs" text="packs: auto" />
        </Disclosure>
      )}
      <ul className={css.list} aria-label="Packs">
        {list.map((pack) => (
          <PackRow key={pack.name} pack={pack} asked={asked} />
        ))}
      </ul>
    </Card>
  );
}
