import { Link } from "wouter";
import css from "./NotFoundPage.module.css";

/** What stands where there is no page. */
export function NotFoundPage() {
  return (
    <div className={css.page}>
      <h2>There is no page here</h2>
      <p>The address may be mistyped, or belong to another version of Daymark.</p>
      <Link href="/">Go to Overview</Link>
    </div>
  );
}
