import { Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { Link } from "wouter";
import { failureWords } from "../../api/request";
import { putSilence, type SilenceEntry, type SilenceWish } from "../../api/silences";
import { useLiveClient } from "../../live/LiveContext";
import actions from "../../parts/actions.module.css";
import { Card } from "../../parts/Card";
import { Choice } from "../../parts/Choice";
import { ErrorText } from "../../parts/ErrorText";
import { localClock } from "../../time/clock";
import { spokenDuration } from "../../time/duration";
import { localInput } from "../../time/input";
import { MatcherLines } from "./MatcherLines";
import { MutePreview } from "./MutePreview";
import { rememberCreator } from "./creator";
import { draftMatchers, draftProblems, draftTimes, presets, wishOf, type SilenceDraft } from "./silenceDraft";
import css from "./SilenceForm.module.css";
import { useMinute } from "./useMinute";

export interface SilenceFormProps {
  readonly first: SilenceDraft;
  /** The silence that is changed; null: a new one. */
  readonly original: SilenceEntry | null;
  readonly done: (id: string) => void;
}

/** Makes or changes a silence, beside what it will mute. */
export function SilenceForm({ first, original, done }: SilenceFormProps) {
  const [draft, setDraft] = useState(first);
  const [tried, setTried] = useState(false);
  const minuteMs = useMinute();
  const { clock } = useLiveClient();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (wish: SilenceWish) => putSilence(wish),
    onSuccess: async (id, wish) => {
      rememberCreator(wish.createdBy);
      await client.invalidateQueries({ queryKey: ["silences"] });
      done(id);
    },
  });
  const set = (over: Partial<SilenceDraft>) => setDraft({ ...draft, ...over });
  const problems = tried ? draftProblems(draft, minuteMs, original) : null;
  const { startsMs, endsMs } = draftTimes(draft, minuteMs, original);
  const zone = localClock.zone(minuteMs);
  const preset = draft.ends.kind === "after" ? String(draft.ends.ms) : "";

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    const nowMs = clock.now();
    if (draftProblems(draft, nowMs, original) !== null) return;
    const wish = wishOf(draft, nowMs, original);
    if (wish !== null) save.mutate(wish);
  };

  return (
    <div className={css.columns}>
      <Card title={original === null ? "New silence" : "Change the silence"}>
        <form className={css.form} onSubmit={submit} noValidate>
          <MatcherLines lines={draft.lines} problems={problems?.lines ?? {}} problem={problems?.matchers} change={(lines) => set({ lines })} />
          <div className={css.times}>
            <p className={css.legend}>How long</p>
            <Choice
              label="How long"
              options={presets.map(({ label, ms }) => ({ value: String(ms), label }))}
              value={preset}
              choose={(ms) => set({ ends: { kind: "after", ms: Number(ms) } })}
            />
            <div className={css.pair}>
              <TextInput
                type="datetime-local"
                step={1}
                label={`Starts (${zone})`}
                description="empty: at once"
                value={draft.starts}
                error={problems?.starts}
                onChange={(event) => set({ starts: event.currentTarget.value })}
              />
              <TextInput
                type="datetime-local"
                step={1}
                label={`Ends (${zone})`}
                description={startsMs !== null && endsMs !== null && endsMs > startsMs ? `after ${spokenDuration(endsMs - startsMs)}` : "after the start"}
                value={draft.ends.kind === "at" ? draft.ends.text : endsMs === null ? "" : localInput(endsMs)}
                error={problems?.ends}
                onChange={(event) => set({ ends: { kind: "at", text: event.currentTarget.value } })}
              />
            </div>
          </div>
          <TextInput
            label="Your name"
            required
            withAsterisk={false}
            autoComplete="username"
            value={draft.createdBy}
            error={problems?.createdBy}
            onChange={(event) => set({ createdBy: event.currentTarget.value })}
          />
          <Textarea
            label="Comment"
            required
            withAsterisk={false}
            rows={3}
            value={draft.comment}
            error={problems?.comment}
            onChange={(event) => set({ comment: event.currentTarget.value })}
          />
          {save.isError && <ErrorText of="the silence" text={failureWords(save.error)} lines={6} />}
          <div className={actions.row}>
            <button type="submit" className={`${actions.button ?? ""} ${actions.main ?? ""}`} disabled={save.isPending}>
              {original === null ? "Create silence" : "Save silence"}
            </button>
            <Link className={actions.text ?? ""} href={original === null ? "/alerts/silences" : `/alerts/silences/${encodeURIComponent(original.id)}`}>
              Cancel
            </Link>
          </div>
        </form>
      </Card>
      <MutePreview matchers={draftMatchers(draft.lines)} title="It will mute" />
    </div>
  );
}
