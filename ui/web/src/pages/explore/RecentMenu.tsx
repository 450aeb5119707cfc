import { Menu } from "@mantine/core";
import { HistoryIcon } from "../../parts/icons";
import actions from "../../parts/actions.module.css";
import css from "./RecentMenu.module.css";

export interface RecentMenuProps {
  readonly recent: readonly string[];
  readonly choose: (expr: string) => void;
}

/** What this browser asked before, the newest first. */
export function RecentMenu({ recent, choose }: RecentMenuProps) {
  return (
    <Menu position="bottom-start" width={480} transitionProps={{ duration: 0 }} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <button type="button" className={actions.button} disabled={recent.length === 0}>
          <HistoryIcon /> Recent
        </button>
      </Menu.Target>
      <Menu.Dropdown className={css.list} aria-label="Recent queries">
        {recent.map((expr) => (
          <Menu.Item key={expr} onClick={() => choose(expr)}>
            <code className={css.expr} title={expr}>
              {expr}
            </code>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
