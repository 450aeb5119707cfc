import actions from "../../parts/actions.module.css";
import { ErrorText } from "../../parts/ErrorText";
import css from "./SilenceRow.module.css";
import type { Expire } from "./useExpire";

/** Says that a silence was ended, with the way back. */
export function EndedBar({ ended, undone, busy, error, undo }: Expire) {
  return (
    <div role="status">
      {ended !== null && (
        <p className={css.ended}>
          {undone ? "The silence is in force again." : "The silence has been ended: what it muted pages again."}
          {!undone && (
            <button type="button" className={actions.button} disabled={busy} onClick={undo}>
              Undo
            </button>
          )}
        </p>
      )}
      {error !== "" && <ErrorText of="the silence" text={error} lines={6} />}
    </div>
  );
}
