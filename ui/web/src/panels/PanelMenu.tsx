import { Menu } from "@mantine/core";
import { useState } from "react";
import { useLocation } from "wouter";
import { MoreIcon } from "../parts/icons";
import css from "./PanelFrame.module.css";

export interface PanelMenuProps {
  readonly title: string;
  readonly description: string;
  /** Explore with what the panel asks; null where it asks nothing. */
  readonly explore: string | null;
  readonly full: boolean;
  readonly onFull: () => void;
  /** The panel's own address. */
  readonly link: string;
}

/** Puts text on the clipboard, also where a page without TLS has none. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    document.body.append(area);
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way where the clipboard is kept for pages with TLS
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** What can be done with a panel. */
export function PanelMenu({ title, description, explore, full, onFull, link }: PanelMenuProps) {
  const [, navigate] = useLocation();
  const [copied, setCopied] = useState<boolean | null>(null);
  return (
    <Menu position="bottom-end" width={210} transitionProps={{ duration: 0 }} withInitialFocusPlaceholder={false} onClose={() => setCopied(null)}>
      <Menu.Target>
        <button type="button" className={css.toggle} aria-label={`Menu: ${title}`} title="Menu">
          <MoreIcon />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {description !== "" && <p className={css.description}>{description}</p>}
        {explore !== null && <Menu.Item onClick={() => navigate(explore)}>Explore this</Menu.Item>}
        <Menu.Item onClick={onFull}>{full ? "Back to the dashboard" : "View full screen"}</Menu.Item>
        <Menu.Item closeMenuOnClick={false} onClick={() => void copy(link).then(setCopied)}>
          {copied === null ? "Copy link" : copied ? "Copied" : "Could not be copied"}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
