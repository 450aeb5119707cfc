import type { Shortcut } from "../parts/shortcuts";

/** How long the first key of a sequence waits for the second. */
const patienceMs = 1500;

export interface Pressed {
  readonly key: string;
  readonly atMs: number;
}

/**
 * Takes one more key after those pressed before: the shortcut that is complete now, if any, and the keys to
 * remember for the next. The longest sequence wins; a key that continues nothing may still begin something.
 */
export function press(
  before: readonly Pressed[], key: string, atMs: number, list: readonly Shortcut[],
): { run: (() => void) | null; keys: readonly Pressed[] } {
  const recent = before.filter((one) => atMs - one.atMs <= patienceMs);
  for (let from = 0; from <= recent.length; from++) {
    const keys = [...recent.slice(from), { key, atMs }];
    const begun = list.filter((one) => one.run !== undefined && keys.every((pressed, i) => pressed.key === one.keys[i]));
    const whole = begun.find((one) => one.keys.length === keys.length);
    if (whole?.run !== undefined) return { run: whole.run, keys: [] };
    if (begun.length > 0) return { run: null, keys };
  }
  return { run: null, keys: [] };
}

/** Whether keys belong to what has the focus: text is typed there, or a dialog is open around it. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role=dialog], [role=menu], [role=listbox]") !== null;
}
