import { ActionIcon, Kbd, Modal } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useState } from "react";
import css from "./ShortcutsButton.module.css";

const shortcuts: readonly (readonly [readonly string[], string])[] = [
  [["Ctrl", "K"], "search: pages, alerts, targets, times, colours"],
  [["?"], "these shortcuts"],
  [["Tab"], "from one chart or control to the next"],
  [["Left", "Right"], "in a chart: point at a moment, in all panels"],
  [["Shift", "Left"], "ten steps at once"],
  [["+", "−"], "in a chart: zoom in and out around that moment"],
  [["0"], "in a chart: back to live"],
  [["Esc"], "let go of the moment, close what is open"],
];

/** The shortcuts of the page, also opened with "?". */
export function ShortcutsButton() {
  const [open, setOpen] = useState(false);
  useHotkeys([["shift+?", () => setOpen(true)], ["?", () => setOpen(true)]]);
  return (
    <>
      <ActionIcon variant="subtle" color="gray" size={32} aria-label="Shortcuts" title="Shortcuts (?)" onClick={() => setOpen(true)}>
        ?
      </ActionIcon>
      <Modal opened={open} onClose={() => setOpen(false)} title="Shortcuts" centered transitionProps={{ duration: 0 }} closeButtonProps={{ "aria-label": "Close" }}>
        <dl className={css.list}>
          {shortcuts.map(([keys, meaning]) => (
            <div key={meaning} className={css.row}>
              <dt>
                {keys.map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </Modal>
    </>
  );
}
