import { Link, useRoute } from "wouter";
import { Beacon } from "../parts/Beacon";
import { OverviewIcon } from "../parts/icons";
import css from "./Rail.module.css";

/** The pages, those that exist. */
export function Rail() {
  const [here] = useRoute("/");
  return (
    <nav className={css.rail} aria-label="Pages">
      <Link href="/" className={css.brand ?? ""} aria-label="Daymark">
        <Beacon />
      </Link>
      <Link href="/" className={css.link ?? ""} {...(here ? { "aria-current": "page" as const } : {})}>
        <OverviewIcon />
        <span className={css.label}>Overview</span>
      </Link>
    </nav>
  );
}
