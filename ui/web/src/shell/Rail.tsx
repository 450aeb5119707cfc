import { Link, useSearch } from "wouter";
import { useAlerts } from "../live/useLive";
import { Beacon } from "../parts/Beacon";
import type { PageEntry } from "../parts/pageEntry";
import { counted, formatCount } from "../units/format";
import { keepRange } from "../url/links";
import css from "./Rail.module.css";

export interface RailProps {
  readonly pages: readonly PageEntry[];
  readonly here: PageEntry | null;
}

/** The pages, those that exist; on a phone the bar at the bottom. */
export function Rail({ pages, here }: RailProps) {
  const search = useSearch();
  const firing = useAlerts()?.firing ?? 0;
  return (
    <nav className={css.rail} aria-label="Pages">
      <Link href={keepRange("/", search)} className={css.brand ?? ""} aria-label="Daymark">
        <Beacon />
      </Link>
      {pages.map((page) => {
        const count = page.counts === "firing" ? firing : 0;
        const Icon = page.icon;
        return (
          <Link
            key={page.path}
            href={keepRange(page.path, search)}
            className={css.link ?? ""}
            title={`${page.label} (${page.shortcut})`}
            {...(count > 0 ? { "aria-label": `${page.label}, ${counted(count, "alert")} firing` } : {})}
            {...(page === here ? { "aria-current": "page" as const } : {})}
          >
            <span className={css.icon}>
              <Icon />
              {count > 0 && (
                <span className={css.count} aria-hidden="true">
                  {count > 99 ? "99+" : formatCount(count)}
                </span>
              )}
            </span>
            <span className={css.label}>{page.label}</span>
          </Link>
        );
      })}
    </nav>
  );
}
