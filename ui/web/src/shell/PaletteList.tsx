import { useEffect } from "react";
import type { PaletteAction } from "./paletteActions";
import css from "./PaletteList.module.css";

export interface PaletteListProps {
  readonly id: string;
  readonly actions: readonly PaletteAction[];
  /** The place of the one that Enter runs. */
  readonly selected: number;
  readonly point: (place: number) => void;
  readonly run: (action: PaletteAction) => void;
}

/** The element of an action in the list called listId. */
export function optionId(listId: string, place: number): string {
  return `${listId}-${place}`;
}

/** What the palette offers. The focus stays in the search; it says which of these is selected. */
export function PaletteList({ id, actions, selected, point, run }: PaletteListProps) {
  useEffect(() => {
    document.getElementById(optionId(id, selected))?.scrollIntoView({ block: "nearest" });
  }, [id, selected]);
  return (
    <ul className={css.list} id={id} role="listbox" aria-label="Found">
      {actions.map((action, i) => (
        <li
          key={action.id}
          id={optionId(id, i)}
          role="option"
          aria-selected={i === selected}
          className={css.option}
          onMouseMove={() => {
            if (i !== selected) point(i);
          }}
          // The search keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => run(action)}
        >
          <bdi className={css.label} data-kind={action.kind} title={action.label}>
            {action.label}
          </bdi>{" "}
          <bdi className={css.about}>{action.description}</bdi>
        </li>
      ))}
    </ul>
  );
}
