import { spotlight } from "@mantine/spotlight";
import { SearchIcon } from "../parts/icons";
import css from "./SearchButton.module.css";

const keys = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "Cmd K" : "Ctrl K";

/** Opens the palette. */
export function SearchButton() {
  return (
    <button type="button" className={css.button} aria-label="Search" aria-keyshortcuts="Control+K Meta+K" onClick={spotlight.open}>
      <SearchIcon />
      <span className={css.word}>Search</span>
      <kbd className={css.keys}>{keys}</kbd>
    </button>
  );
}
