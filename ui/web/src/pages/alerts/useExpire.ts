import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { failureWords } from "../../api/request";
import { expireSilence, putSilence, type SilenceEntry } from "../../api/silences";
import { useLiveClient } from "../../live/LiveContext";
import { again } from "./silenceDraft";

/** Ending a silence, and taking that back. */
export interface Expire {
  /** The one that was ended last and can be made again; null: none. */
  readonly ended: SilenceEntry | null;
  /** Whether it has been made again. */
  readonly undone: boolean;
  readonly busy: boolean;
  /** In the server's words; "" where nothing failed. */
  readonly error: string;
  readonly expire: (silence: SilenceEntry) => void;
  readonly undo: () => void;
}

export function useExpire(): Expire {
  const [ended, setEnded] = useState<SilenceEntry | null>(null);
  const client = useQueryClient();
  const { clock } = useLiveClient();
  const renew = () => client.invalidateQueries({ queryKey: ["silences"] });
  const end = useMutation({
    mutationFn: (silence: SilenceEntry) => expireSilence(silence.id),
    onSuccess: async (_, silence) => {
      setEnded(silence);
      await renew();
    },
  });
  const back = useMutation({
    mutationFn: async (silence: SilenceEntry) => {
      const wish = again(silence, clock.now());
      if (wish === null) throw new Error("It would have ended by now: make a new one.");
      return putSilence(wish);
    },
    onSuccess: renew,
  });
  return {
    ended,
    undone: back.isSuccess,
    busy: end.isPending || back.isPending,
    error: end.isError ? failureWords(end.error) : back.isError ? failureWords(back.error) : "",
    expire: (silence) => {
      back.reset();
      end.mutate(silence);
    },
    undo: () => {
      if (ended !== null) back.mutate(ended);
    },
  };
}
