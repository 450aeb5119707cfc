import { Kbd, Modal } from "@mantine/core";
import { useShortcutLists } from "../parts/shortcuts";
import css from "./ShortcutSheet.module.css";

export interface ShortcutSheetProps {
  readonly opened: boolean;
  readonly close: () => void;
}

/** All shortcuts in force: those of the page first. */
export function ShortcutSheet({ opened, close }: ShortcutSheetProps) {
  const lists = useShortcutLists();
  const own = lists.filter(({ title }) => title !== "Everywhere" && title !== "In a chart");
  const others = lists.filter((list) => !own.includes(list));
  return (
    <Modal
      opened={opened}
      onClose={close}
      title="Shortcuts"
      size={520}
      centered
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {[...own, ...others].map(({ title, list }) => (
        <section key={title} className={css.section}>
          <h3 className={css.title}>{title}</h3>
          <dl className={css.list}>
            {list.map(({ keys, does }) => (
              <div key={does} className={css.row}>
                <dt>
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  );
}
